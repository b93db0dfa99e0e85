//! M30 · fails: the_largest_frame_fits

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read};

const CAPACITY: usize = 64 * 1024;

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![0; CAPACITY].into_boxed_slice(), start: 0, end: 0 }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let [hi, lo, tail @ ..] = &self.buffer[self.start..self.end] {
                let len = u16::from_be_bytes([*hi, *lo]) as usize;
                if let Some(payload) = tail.get(..len) {
                    let payload = payload.to_vec();
                    self.start += 2 + len;
                    return Ok(Some(payload));
                }
            }

            // move what is left to the front, so that the whole rest of the buffer is free for the
            // read
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;

            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) if self.end == 0 => return Ok(None),
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => self.end += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
