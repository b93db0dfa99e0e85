//! M30 · fails: another_error_is_reported_and_loses_nothing
//! Frames out of a stream of bytes.
//!
//! TCP carries bytes, not messages. A frame here is two bytes that say how long the payload is
//! (big endian), and the payload. One read may bring half a frame, or three and a half. Hand
//! out whole frames, in order, each exactly once.
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
    buffer: Vec<u8>,
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source, buffer: Vec::new() }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        if !self.fill(2)? {
            return if self.buffer.is_empty() {
                Ok(None)
            } else {
                Err(ErrorKind::UnexpectedEof.into())
            };
        }
        let len = usize::from(u16::from_be_bytes([self.buffer[0], self.buffer[1]]));
        self.buffer.drain(..2);
        if !self.fill(len)? {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(self.buffer.drain(..len).collect()))
    }

    /// Reads until `want` bytes are here. False when the stream ends before.
    fn fill(&mut self, want: usize) -> io::Result<bool> {
        let mut buffer = [0; 1024];
        while self.buffer.len() < want {
            match self.source.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => self.buffer.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }
}
