//! What `async fn` becomes: the same function by the compiler, and by hand with its states named.
//!
//! `cargo run -p waker --example desugared`

use std::future::Ready;
use std::mem::{size_of, size_of_val};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use waker::block_on;
use waker::yield_now::{YieldNow, yield_now};

// ANCHOR: compiler
/// Adds, with two awaits on the way.
pub async fn add(a: u32, b: u32) -> u32 {
    yield_now().await;
    let sum = a + b;
    std::future::ready(sum).await
}
// ANCHOR_END: compiler

#[allow(missing_docs, reason = "what the fields are, the variants say")]
// ANCHOR: by_hand
/// `add`, by hand: one variant for each place where it can stop, with what it needs there.
pub enum Add {
    /// Not polled yet. The arguments are all there is.
    Start { a: u32, b: u32 },
    /// At the first await: the future that it waits for, and what is used after it.
    Yielding { yielding: YieldNow, a: u32, b: u32 },
    /// At the second await. `a` and `b` are not used any more.
    Returning { returning: Ready<u32> },
    /// It has returned.
    Done,
}

impl Future for Add {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        loop {
            *self = match &mut *self {
                Self::Start { a, b } => Self::Yielding { yielding: yield_now(), a: *a, b: *b },
                Self::Yielding { yielding, a, b } => {
                    ready!(Pin::new(yielding).poll(cx));
                    Self::Returning { returning: std::future::ready(*a + *b) }
                }
                Self::Returning { returning } => {
                    let sum = ready!(Pin::new(returning).poll(cx));
                    *self = Self::Done;
                    return Poll::Ready(sum);
                }
                Self::Done => panic!("`add` was polled after it had returned"),
            };
        }
    }
}
// ANCHOR_END: by_hand

fn main() {
    let (by_compiler, by_hand) = (add(40, 2), Add::Start { a: 40, b: 2 });
    println!("by the compiler: {} bytes", size_of_val(&by_compiler));
    println!("by hand:         {} bytes", size_of::<Add>());
    println!("both return:     {} and {}", block_on(by_compiler), block_on(by_hand));
}
