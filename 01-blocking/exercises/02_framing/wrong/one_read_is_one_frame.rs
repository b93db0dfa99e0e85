//! M56 · fails: frames_that_came_together_are_all_handed_out
//! Frames out of a stream of bytes.
//!
//! TCP carries bytes, not messages. A frame here is two bytes that say how long the payload is
//! (big endian), and the payload. One read may bring half a frame, or three and a half. Hand
//! out whole frames, in order, each exactly once.
//!
//! A read is a system call, and on a quiet connection it blocks. So read only when the bytes
//! that you already have hold no whole frame, and ask for more than one frame's worth: frames
//! that arrived together cost one read.

use std::io::{self, ErrorKind, Read};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
}

// ANCHOR: frames
impl<R: Read> Frames<R> {
    pub fn new(source: R) -> Self {
        Self { source }
    }

    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut buffer = vec![0; 2 + usize::from(u16::MAX)];
        loop {
            let n = match self.source.read(&mut buffer) {
                Ok(0) => return Ok(None),
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if n < 2 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let length = usize::from(u16::from_be_bytes([buffer[0], buffer[1]]));
            if n < 2 + length {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            return Ok(Some(buffer[2..2 + length].to_vec()));
        }
    }
}
// ANCHOR_END: frames
