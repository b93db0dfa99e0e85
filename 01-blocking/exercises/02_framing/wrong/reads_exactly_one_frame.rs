//! M59 · fails: frames_that_came_together_cost_one_read
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
        let mut length = [0; 2];
        loop {
            match self.source.read(&mut length[..1]) {
                Ok(0) => return Ok(None),
                Ok(_) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.source.read_exact(&mut length[1..])?;
        let mut payload = vec![0; usize::from(u16::from_be_bytes(length))];
        self.source.read_exact(&mut payload)?;
        Ok(Some(payload))
    }
}
// ANCHOR_END: frames
