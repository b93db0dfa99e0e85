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
#![allow(unused, reason = "a starter has unused parts until it is solved")]

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
    /// The parts: the future as pinned as the whole, the number as a plain borrow.
    fn project(self: Pin<&mut Self>) -> (Pin<&mut Option<F>>, &mut usize) {
        todo!("how do you look into a pin, and what do you promise?")
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, usize);

    /// # Panics
    /// If it is polled after `Ready`.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        todo!("poll the part that is pinned, count, and drop the future where it is")
    }
}
