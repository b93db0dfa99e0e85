//! A future inside a future.
//!
//! `Counted` wraps a future, polls it, and counts the polls. When the future is ready, it is dropped at
//! once, and not only with the wrapper: it may hold a file, or a lock.
//!
//! It wraps any future, even one that must not be moved once polled, so nothing asks for `F: Unpin`.
//! `Counted<F>` is Unpin exactly if F is. The future lies in the wrapper itself, not in a Box. From
//! its first poll on it stays where it is, until it has been dropped there.
//!
//! Your task: `project`, which goes from the pinned whole to its parts, and `poll`. The projection
//! needs `unsafe`: say there why it is sound.
//!
//! Read first: the book, "Pin: what must not move".
//! Check with `cargo workshop check pin_projection`.
#![allow(unsafe_code, reason = "a projection by hand, from the pinned whole to a pinned part")]

use std::pin::Pin;
use std::task::{Context, Poll};

/// Made by [`counted`].
pub struct Counted<F> {
    /// Pinned with the whole. None: it was ready, and is dropped.
    future: Option<F>,
    /// Not pinned: a number may be moved and changed.
    polls: usize,
}

/// A future that returns the output of `future`, and how many times it was polled for it.
pub fn counted<F: Future>(future: F) -> Counted<F> {
    Counted { future: Some(future), polls: 0 }
}

impl<F> Counted<F> {
    fn future(self: Pin<&mut Self>) -> Pin<&mut Option<F>> {
        // SAFETY: `future` is a part that is pinned with the whole: it is never moved out of it.
        unsafe { self.map_unchecked_mut(|whole| &mut whole.future) }
    }

    fn polls(self: Pin<&mut Self>) -> &mut usize {
        // SAFETY: `polls` is not pinned, and the future is not touched.
        unsafe { &mut self.get_unchecked_mut().polls }
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, usize);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.as_mut().future().as_pin_mut();
        let polled = future.expect("polled after Ready").poll(cx);
        *self.as_mut().polls() += 1;
        if polled.is_ready() {
            self.as_mut().future().set(None);
        }
        polled.map(|output| (output, self.polls))
    }
}
