//! From a coroutine to a task: coroutines in a table, each under a token, and events that say which
//! one can continue. It is stage 02's loop, with coroutines in place of connections.
//!
//! `cargo run -p waker --example resumed_by_token`

use std::collections::BTreeMap;

// ANCHOR: task
/// Adds up what comes, and is done when a zero comes.
#[derive(Default)]
struct Sum(u32);

impl Sum {
    /// Runs from one event to the next. The sum, when it is done.
    fn resume(&mut self, number: u32) -> Option<u32> {
        self.0 += number;
        (number == 0).then_some(self.0)
    }
}
// ANCHOR_END: task

// ANCHOR: loop
fn main() {
    let mut coroutines = BTreeMap::from([(1, Sum::default()), (2, Sum::default())]);
    // What a poller would report: a token, and what has come.
    for (token, number) in [(1, 10), (2, 5), (1, 20), (2, 0), (1, 0)] {
        let Some(coroutine) = coroutines.get_mut(&token) else { continue };
        if let Some(sum) = coroutine.resume(number) {
            println!("the coroutine of token {token} has returned {sum}");
            coroutines.remove(&token);
        }
    }
}
// ANCHOR_END: loop
