//! What the peer has not taken yet.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};

/// How many bytes may wait for one peer before we stop reading from it. The read that reaches this
/// bound may exceed it, by less than one buffer.
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

    /// Writes as much as the stream takes now, and returns how much that was. What it does not take
    /// stays, in its order.
    ///
    /// # Errors
    /// `WriteZero` when a write accepts nothing; otherwise whatever write(2) reports, except
    /// `Interrupted`, which is retried, and `WouldBlock`, after which the rest waits.
    pub fn flush(&mut self, stream: &mut impl Write) -> io::Result<usize> {
        let mut written = 0;
        while !self.bytes.is_empty() {
            let (front, _) = self.bytes.as_slices();
            match stream.write(front) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.bytes.drain(..n);
                    written += n;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(written),
                Err(error) => return Err(error),
            }
        }
        // A connection that waits for its peer to speak keeps no buffer. The price is an allocation
        // for each echo, which is little beside the two system calls.
        self.bytes = VecDeque::new();
        Ok(written)
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

#[cfg(test)]
mod tests {
    use testkit::ScriptedIo;

    use super::*;

    #[test]
    fn bytes_keep_their_order_when_the_peer_takes_a_few_at_a_time() {
        let mut outbox = Outbox::default();
        let mut stream = ScriptedIo::new().every_write_at_most(3).room(4);
        outbox.push(b"hello ");
        assert_eq!(outbox.flush(&mut stream).unwrap(), 4);
        // The ring goes round: what was pushed first is in two pieces.
        outbox.push(b"world");
        stream = stream.room(100);
        assert_eq!(outbox.flush(&mut stream).unwrap(), 7);
        assert_eq!(stream.written(), b"hello world");
        assert!(outbox.is_empty());
        assert_eq!(outbox.bytes.capacity(), 0, "an empty outbox takes no memory");
    }

    #[test]
    fn a_write_that_accepts_nothing_is_write_zero() {
        let mut outbox = Outbox::default();
        outbox.push(b"x");
        let mut stream = ScriptedIo::new().every_write_at_most(0);
        assert_eq!(outbox.flush(&mut stream).unwrap_err().kind(), ErrorKind::WriteZero);
    }

    #[test]
    fn it_is_full_from_the_bound_on() {
        let mut outbox = Outbox::default();
        outbox.push(&vec![0; BOUND - 1]);
        assert!(!outbox.is_full());
        outbox.push(b"x");
        assert!(outbox.is_full());
    }
}
