//! M58 · fails: the_end_inside_a_frame_is_an_error

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    /// Received, not handed out.
    buffer: Vec<u8>,
    /// The payload length of the frame that we are in, once known.
    want: Option<usize>,
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![], want: None }
    }

    /// A whole frame, if one is here.
    fn take_frame(&mut self) -> Option<Vec<u8>> {
        if self.want.is_none() && self.buffer.len() >= 2 {
            let header: Vec<u8> = self.buffer.drain(..2).collect();
            self.want = Some(usize::from(header[0]) << 8 | usize::from(header[1]));
        }
        let want = self.want.filter(|&want| self.buffer.len() >= want)?;
        self.want = None;
        Some(self.buffer.drain(..want).collect())
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut chunk = [0; 1024];
        loop {
            if let Some(frame) = self.take_frame() {
                return Ok(Some(frame));
            }
            let n = match self.source.read(&mut chunk) {
                Ok(n) => n,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if n == 0 {
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                return Err(io::Error::new(
                    ErrorKind::UnexpectedEof,
                    "stream ended inside a frame",
                ));
            }
            self.buffer.extend(&chunk[..n]);
        }
    }
}
