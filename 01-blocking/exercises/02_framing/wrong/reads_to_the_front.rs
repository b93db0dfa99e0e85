//! M30 · fails: a_frame_may_come_byte_by_byte
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
    buffer: Vec<u8>,
    filled: usize,
}

// ANCHOR: frames
impl<R: Read> Frames<R> {
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![0; 2 * (2 + usize::from(u16::MAX))], filled: 0 }
    }

    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if self.filled >= 2 {
                let length = usize::from(u16::from_be_bytes([self.buffer[0], self.buffer[1]]));
                if self.filled >= 2 + length {
                    let frame = self.buffer[2..2 + length].to_vec();
                    self.buffer.copy_within(2 + length..self.filled, 0);
                    self.filled -= 2 + length;
                    return Ok(Some(frame));
                }
            }
            // Behind the header there is room; a header itself is read to the front.
            let start = if self.filled < 2 { 0 } else { self.filled };
            match self.source.read(&mut self.buffer[start..]) {
                Ok(0) if self.filled == 0 => return Ok(None),
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => self.filled += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
// ANCHOR_END: frames
