//! M30 · fails: another_error_is_reported_and_loses_nothing

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    rest: Vec<u8>,
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source, rest: Vec::new() }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut chunk = [0; 4096];
        loop {
            if let Some((head, tail)) = bytes.split_first_chunk::<2>() {
                let len = usize::from(u16::from_be_bytes(*head));
                if tail.len() >= len {
                    let (payload, rest) = tail.split_at(len);
                    self.rest = rest.to_vec();
                    return Ok(Some(payload.to_vec()));
                }
            }
            match self.source.read(&mut chunk) {
                Ok(0) if bytes.is_empty() => return Ok(None),
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => bytes.extend_from_slice(&chunk[..n]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}
