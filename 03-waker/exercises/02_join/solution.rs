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

use std::pin::Pin;
use std::task::{Context, Poll};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// Runs `a` and `b`, and is ready with both outputs when both are.
pub fn join<A: Unpin, B: Unpin>(
    a: impl Future<Output = A> + 'static,
    b: impl Future<Output = B> + 'static,
) -> Join<A, B> {
    Join { a: Side::Running(Box::pin(a)), b: Side::Running(Box::pin(b)) }
}

/// Made by [`join`].
pub struct Join<A, B> {
    a: Side<A>,
    b: Side<B>,
}

impl<A: Unpin, B: Unpin> Future for Join<A, B> {
    type Output = (A, B);

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<(A, B)> {
        let this = &mut *self;
        // Both, whatever came of the first: each must leave its waker somewhere.
        let a = this.a.poll(cx);
        let b = this.b.poll(cx);
        if a && b { Poll::Ready((this.a.take(), this.b.take())) } else { Poll::Pending }
    }
}

/// A future, then its output.
enum Side<T> {
    Running(Boxed<T>),
    /// None: the output was taken.
    Done(Option<T>),
}

impl<T> Side<T> {
    /// Polls the future if it is not ready. Returns whether it is now.
    fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        if let Self::Running(future) = self
            && let Poll::Ready(output) = future.as_mut().poll(cx)
        {
            *self = Self::Done(Some(output));
        }
        matches!(self, Self::Done(_))
    }

    fn take(&mut self) -> T {
        match self {
            Self::Done(output) => output.take(),
            Self::Running(_) => None,
        }
        .expect("a join was polled after it was ready")
    }
}
