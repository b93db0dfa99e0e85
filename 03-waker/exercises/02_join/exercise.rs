//! Two futures in one task.
//!
//! `join(a, b)` is a future. It runs both, and is ready with both outputs as soon as both are
//! ready, in whatever order that happens. Either may be ready long before the other, and neither may
//! be polled again after that. Neither is polled before the join itself is. No test polls the join
//! after it was ready: that is against the contract of `poll`.
//!
//! A box of its own keeps each future in its place in memory, so `future.as_mut().poll(cx)` polls
//! it. `Join` itself may be moved: in its `poll`, `self` works like `&mut Self`. The page on pinning
//! does without the boxes.
//!
//! Your task: `poll`, and the fields that it needs.
//!
//! Read first: the book, "Several in one task".
//! Check with `cargo workshop check join`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::pin::Pin;
use std::task::{Context, Poll};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// Runs `a` and `b`, and is ready with both outputs when both are.
pub fn join<A: Unpin, B: Unpin>(
    a: impl Future<Output = A> + 'static,
    b: impl Future<Output = B> + 'static,
) -> Join<A, B> {
    Join { a: Box::pin(a), b: Box::pin(b) }
}

/// Made by [`join`].
pub struct Join<A, B> {
    a: Boxed<A>,
    b: Boxed<B>,
}

impl<A: Unpin, B: Unpin> Future for Join<A, B> {
    type Output = (A, B);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(A, B)> {
        todo!("which of them do you poll now? where do you keep an output meanwhile?")
    }
}
