//! The road to the trait, 1: a conversation as a state machine, as in stage 02, with a callback for
//! its result.
//!
//! `cargo run -p waker --example state_machine`

// ANCHOR: machine
/// Asks for a name, then for a colour, and hands both to a callback.
enum Survey<F> {
    Name { then: F },
    Colour { name: String, then: F },
    Done,
}

impl<F: FnOnce(String, String)> Survey<F> {
    /// One line has come in. Each state says by hand what it keeps for the next.
    fn line(self, line: &str) -> Self {
        match self {
            Self::Name { then } => Self::Colour { name: line.to_owned(), then },
            Self::Colour { name, then } => {
                then(name, line.to_owned());
                Self::Done
            }
            Self::Done => Self::Done,
        }
    }
}
// ANCHOR_END: machine

fn main() {
    let survey = Survey::Name { then: |name, colour| println!("{name} likes {colour}.") };
    let survey = survey.line("Ada");
    println!("The machine has a name, and waits. No thread waits with it.");
    let survey = survey.line("green");
    assert!(matches!(survey, Survey::Done));
}
