//! Frames out of a stream of bytes.
//!
//! TCP carries bytes, not messages. A frame here is two bytes that say how long the payload is
//! (big endian), and the payload. One read may return half a frame, or three and a half. Return
//! whole frames, in order, each exactly once.
//!
//! A read is a system call, and on a quiet connection it blocks. So read only when the bytes
//! that you already have hold no whole frame, and ask for more than one frame's worth: frames
//! that arrived together cost one read.

use std::io::{self, ErrorKind, Read};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    /// Bytes that were read and not yet handed out. Begins at the first byte of a frame.
    received: Vec<u8>,
}

// ANCHOR: frames
impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source, received: Vec::new() }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut buffer = [0; 1024];
        loop {
            if let Some(frame) = self.take_frame() {
                return Ok(Some(frame));
            }
            match self.source.read(&mut buffer) {
                Ok(0) if self.received.is_empty() => return Ok(None),
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => self.received.extend_from_slice(&buffer[..n]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes the first frame out of `received` if all of it is there.
    fn take_frame(&mut self) -> Option<Vec<u8>> {
        let (length, rest) = self.received.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let frame = rest.get(..length)?.to_vec();
        self.received.drain(..2 + length);
        Some(frame)
    }
}
// ANCHOR_END: frames
