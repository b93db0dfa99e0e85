//! A stream: a future with many results.
//!
//! `cargo run -p waker --example ticks`

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use testkit::{VirtualClock, VirtualSleep, drive};
use waker::stream::{Stream, next};

// ANCHOR: ticks
/// A tick every second, three times.
struct Ticks {
    clock: VirtualClock,
    sleep: VirtualSleep,
    left: u32,
}

impl Stream for Ticks {
    /// When it ticked.
    type Item = Duration;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Duration>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        ready!(Pin::new(&mut self.sleep).poll(cx));
        self.left -= 1;
        self.sleep = self.clock.sleep(Duration::from_secs(1));
        Poll::Ready(Some(self.clock.now()))
    }
}

async fn print(mut ticks: Ticks) {
    while let Some(when) = next(&mut ticks).await {
        println!("tick at {when:?}");
    }
    println!("no more");
}
// ANCHOR_END: ticks

fn main() {
    let clock = VirtualClock::new();
    let sleep = clock.sleep(Duration::from_secs(1));
    let ticks = Ticks { clock: clock.clone(), sleep, left: 3 };
    drive(print(ticks), || clock.advance_to_next());
}
