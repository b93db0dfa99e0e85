//! Frames out of a stream of bytes.
//!
//! TCP carries bytes, not messages. A frame here is two bytes that say how long the payload is
//! (big endian), and the payload. One read may return half a frame, or three and a half. Return
//! whole frames, in order, each exactly once.
//!
//! A read is a system call, and on a quiet connection it blocks. So read only when the bytes
//! that you already have hold no whole frame, and ask for more than one frame's worth: frames
//! that arrived together cost one read.
//!
//! Your task: the fields of `Frames`, `new`, and `next_frame`.
//!
//! Read first: the book, "A server in twenty lines".
//! Check with `cargo workshop check framing`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    // What must you remember from one call of `next_frame` to the next?
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut buffer = [0; 1024];
        todo!("is a whole frame here? if not, read more, until one is or the stream ends")
    }
}
