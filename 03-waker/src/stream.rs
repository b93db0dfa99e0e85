//! A future that has many results, one after another.

use std::pin::Pin;
use std::task::{Context, Poll};

// ANCHOR: stream
/// An iterator whose next item may have to be waited for. futures' trait of this name has the same
/// method.
pub trait Stream {
    /// What it yields.
    type Item;

    /// The next item; `Ready(None)` at the end. `Pending` is the same promise as a future's: the
    /// waker of this `cx` will be woken when the next poll can get further. After the end it should not
    /// be polled again.
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>>;
}
// ANCHOR_END: stream

// ANCHOR: next
/// The next item of a stream, as a future.
///
/// # Cancel safety
/// If the stream keeps in itself what it has taken so far, nothing is lost when this future is dropped
/// while it is pending: the item comes with the next call.
pub fn next<S: Stream + Unpin>(stream: &mut S) -> Next<'_, S> {
    Next { stream }
}

/// Made by [`next`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct Next<'a, S> {
    stream: &'a mut S,
}

impl<S: Stream + Unpin> Future for Next<'_, S> {
    type Output = Option<S::Item>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        Pin::new(&mut *self.stream).poll_next(cx)
    }
}
// ANCHOR_END: next
