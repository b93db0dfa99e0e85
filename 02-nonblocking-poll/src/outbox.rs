//! What the peer has not taken yet.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};

/// How many bytes may wait for one peer before we stop reading from it.
pub const BOUND: usize = 64 * 1024;

// ANCHOR: outbox
/// Bytes that are still to be written, in their order. It takes memory only while there are some.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: VecDeque<u8>,
}

impl Outbox {
    /// Puts bytes behind those that wait already. It never refuses: whoever pushes asks
    /// [`is_full`](Self::is_full) before reading more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// Writes as much as the stream takes now. What it does not take stays, in its order.
    ///
    /// # Errors
    /// `WriteZero` when a write accepts nothing; otherwise whatever write(2) reports, except
    /// `Interrupted`, which is retried, and `WouldBlock`, after which the rest waits.
    pub fn flush(&mut self, stream: &mut impl Write) -> io::Result<()> {
        while !self.bytes.is_empty() {
            let (front, _) = self.bytes.as_slices();
            match stream.write(front) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => drop(self.bytes.drain(..n)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        // A connection that waits for its peer to speak keeps no buffer.
        self.bytes = VecDeque::new();
        Ok(())
    }

    /// Whether everything was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether so much waits that nothing should be added ([`BOUND`]).
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= BOUND
    }
}
// ANCHOR_END: outbox
