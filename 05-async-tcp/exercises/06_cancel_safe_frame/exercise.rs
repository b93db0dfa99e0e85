//! Frames that survive a timeout.
//!
//! A frame is four bytes that say how long its payload is (big endian), and the payload. `next_frame`
//! returns the next one. Its future may be dropped whenever it is pending: the next call continues where
//! it was, and no byte is lost.
//! - It reads only if no whole frame is here. Frames that came together, up to 1 KiB, cost one read.
//! - It returns `None` if the stream ends between two frames, and `UnexpectedEof` if it ends inside one.
//!   Any other error of a read is returned, and what came before it is kept.
//! - A frame that announces more than `max` bytes is `InvalidData` as soon as its length is here.
//!
//! `Pair::next` awaits two of them in one task, and returns what the first of them returns: a frame, the
//! end or an error. If both always have something, both win again and again. Its future may be dropped
//! like that of `next_frame`.
//!
//! Your task: `next_frame`, `Pair::next`, and the fields that they need.
//!
//! Read first: the book, "What a timeout drops".
//! Check with `cargo workshop check cancel_safe_frame`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Poll, ready};

use futures::io::{AsyncRead, AsyncReadExt};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    /// The longest payload that is accepted.
    max: usize,
    // To do: what must still be there after a future of `next_frame` was dropped?
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R, max: usize) -> Self {
        Self { source, max }
    }

    /// The payload of the next frame, or `None` if the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` if the stream ends inside a frame, `InvalidData` if one is longer than `max`.
    /// Any error of a read.
    ///
    /// # Cancel safety
    /// If the future is dropped, nothing is lost: what was read stays in `self`.
    pub async fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        todo!("is a whole frame here? if not: what does a drop at the next await take along?")
    }
}

/// Which of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    A,
    B,
}

/// Two streams of frames, read by one task.
pub struct Pair<R> {
    a: Frames<R>,
    b: Frames<R>,
    // To do: what decides which is polled first?
}

impl<R: AsyncRead + Unpin> Pair<R> {
    /// Reads from both.
    pub fn new(a: Frames<R>, b: Frames<R>) -> Self {
        Self { a, b }
    }

    /// What `next_frame` of either returns first, and of which.
    ///
    /// # Cancel safety
    /// If the future is dropped, nothing is lost.
    pub async fn next(&mut self) -> (Side, io::Result<Option<Vec<u8>>>) {
        todo!("the other one is dropped in the middle: what is lost? and which is polled first?")
    }
}
