//! M61 · fails: a_large_frame_may_come_byte_by_byte

use std::io::{self, ErrorKind, Read};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    seen: Vec<u8>,
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source, seen: Vec::new() }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.seen.len() >= 2 {
            let end = 2 + u16::from_be_bytes([self.seen[0], self.seen[1]]) as usize;
            if self.seen.len() >= end {
                let rest = self.seen.split_off(end);
                let mut frame = std::mem::replace(&mut self.seen, rest);
                frame.drain(..2);
                return Ok(Some(frame));
            }
        }

        let mut buffer = [0; 1024];
        match self.source.read(&mut buffer) {
            Ok(0) if self.seen.is_empty() => Ok(None),
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                self.seen.extend_from_slice(&buffer[..n]);
                self.next_frame()
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => self.next_frame(),
            Err(error) => Err(error),
        }
    }
}
