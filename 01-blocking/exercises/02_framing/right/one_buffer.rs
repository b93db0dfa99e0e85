//! One buffer with room for the largest frame, read and parsed in place.

use std::io::{self, ErrorKind, Read};

/// The largest frame, with its length in front.
const CAPACITY: usize = 2 + u16::MAX as usize;

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    /// What was read and not yet handed out is `buffer[start..end]`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![0; CAPACITY], start: 0, end: 0 }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let [high, low, rest @ ..] = &self.buffer[self.start..self.end] {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if let Some(payload) = rest.get(..length) {
                    self.start += 2 + length;
                    return Ok(Some(payload.to_vec()));
                }
            }
            // What is left moves to the front, so that the rest of its frame has room behind it.
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
