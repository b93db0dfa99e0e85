//! A future that is `Pending` and leaves its waker nowhere. `block_on` would sleep for ever;
//! `testkit::drive` notices, and says so.
//!
//! `cargo run -p waker --example never_woken`

use std::pin::Pin;
use std::task::{Context, Poll};

// ANCHOR: future
/// Counts down by one at each poll.
struct Countdown(u32);

impl Future for Countdown {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<&'static str> {
        if self.0 == 0 {
            return Poll::Ready("liftoff");
        }
        println!("{}", self.0);
        self.0 -= 1;
        Poll::Pending
    }
}
// ANCHOR_END: future

fn main() {
    // The message of a panic, without the place.
    std::panic::set_hook(Box::new(|panic| match panic.payload().downcast_ref::<String>() {
        Some(words) => println!("panic: {words}"),
        None => println!("panic"),
    }));
    // Nothing is left that could happen while the future waits.
    println!("{}", testkit::drive(Countdown(3), || false));
}
