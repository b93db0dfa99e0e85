//! The road to the trait, 2: a coroutine by hand. It stops in the middle, and continues there when
//! the loop outside resumes it.
//!
//! `cargo run -p waker --example fibonacci`

// ANCHOR: coroutine
/// What a function would have on its stack when it stops: here, two variables.
struct Fibonacci {
    previous: u32,
    current: u32,
}

/// Why it has stopped.
enum Resumed {
    /// It has a value, and can continue.
    Yielded(u32),
    /// The next value does not fit: the function has returned.
    Returned,
}

impl Fibonacci {
    /// Runs to the next place where it stops.
    fn resume(&mut self) -> Resumed {
        let Some(next) = self.previous.checked_add(self.current) else {
            return Resumed::Returned;
        };
        let yielded = self.current;
        (self.previous, self.current) = (self.current, next);
        Resumed::Yielded(yielded)
    }
}
// ANCHOR_END: coroutine

// ANCHOR: loop
fn main() {
    let mut fibonacci = Fibonacci { previous: 0, current: 1 };
    let mut values = Vec::new();
    while let Resumed::Yielded(value) = fibonacci.resume() {
        values.push(value);
    }
    println!("{} values, the last is {}", values.len(), values[values.len() - 1]);
}
// ANCHOR_END: loop
