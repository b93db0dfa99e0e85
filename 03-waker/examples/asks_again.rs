//! A future that wakes itself instead of waiting. It works, and takes a whole processor.
//!
//! `cargo run -p waker --example asks_again`

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::thread;

use waker::block_on;
use waker::event::Event;

// ANCHOR: asks_again
struct AsksAgain {
    event: Arc<Event>,
    polls: Arc<AtomicU64>,
}

impl Future for AsksAgain {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.polls.fetch_add(1, Ordering::Relaxed);
        if self.event.is_set() {
            return Poll::Ready(());
        }
        // Pending must be followed by another poll, so I ask for one.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
// ANCHOR_END: asks_again

fn main() {
    let polls = Arc::new(AtomicU64::new(0));
    let event = Event::new();
    let waiting = {
        let asks_again = AsksAgain { event: event.clone(), polls: polls.clone() };
        thread::spawn(move || block_on(asks_again))
    };
    // Nothing has happened yet, and nothing happens before it has been polled that often.
    while polls.load(Ordering::Relaxed) < 10_000 {
        thread::yield_now();
    }
    println!("polled 10,000 times, and nothing has happened");
    event.set();
    waiting.join().expect("the future does not panic");
}
