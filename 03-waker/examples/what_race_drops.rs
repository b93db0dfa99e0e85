//! What `race` drops, and what `select` gives back.
//!
//! `cargo run -p waker --example what_race_drops`

use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;

use testkit::{VirtualClock, drive};
use waker::select::{Either, race, select};

// ANCHOR: source
/// A line that comes in two halves, a second apart.
struct Source {
    clock: VirtualClock,
    halves: RefCell<Vec<&'static str>>,
}

impl Source {
    /// Takes both halves. If it is dropped between them, the first half is lost.
    async fn line(&self) -> String {
        let mut line = String::new();
        for _ in 0..2 {
            self.clock.sleep(Duration::from_secs(1)).await;
            line += self.halves.borrow_mut().pop().expect("there are two halves");
        }
        line
    }
}
// ANCHOR_END: source

// ANCHOR: both
async fn with_race(source: &Source) {
    let line = async { source.line().await };
    let time_out = async {
        source.clock.sleep(Duration::from_millis(1500)).await;
        String::from("nothing yet")
    };
    println!("race:   {}", race(line, time_out).await);
    println!("        and the source has {:?} left", source.halves.borrow());
}

async fn with_select(source: &Source) {
    let line = pin!(source.line());
    let time_out = source.clock.sleep(Duration::from_millis(1500));
    match select(line, time_out).await {
        Either::Left((line, _)) => println!("select: {line}"),
        Either::Right(((), line)) => {
            println!("select: nothing yet");
            println!("        and later {}", line.await);
        }
    }
}
// ANCHOR_END: both

fn main() {
    for with_race_first in [true, false] {
        let clock = VirtualClock::new();
        let halves = RefCell::new(vec!["world", "hello "]);
        let source = Source { clock: clock.clone(), halves };
        match with_race_first {
            true => drive(with_race(&source), || clock.advance_to_next()),
            false => drive(with_select(&source), || clock.advance_to_next()),
        }
    }
}
