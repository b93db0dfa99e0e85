//! What the peer has not taken yet.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};

/// How many bytes may wait for one peer before we stop reading from it. The read that reaches this
/// limit may exceed it, by less than one buffer.
pub const OUTBOX_LIMIT: usize = 64 * 1024;

// ANCHOR: outbox
/// Bytes that are still to be written, in order. It takes memory only while there are some.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: VecDeque<u8>,
}

impl Outbox {
    /// Sends bytes after those that wait already. If none do, it writes them at once; what the stream
    /// does not take waits. Returns how much it took.
    ///
    /// It never refuses. Ask [`is_full`](Self::is_full) before reading more.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn send(&mut self, stream: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
        let taken = if self.bytes.is_empty() { write(stream, bytes)? } else { 0 };
        self.bytes.extend(&bytes[taken..]);
        Ok(taken)
    }
    // ANCHOR_END: outbox

    // ANCHOR: flush
    /// Writes as much of what waits as the stream takes now. Returns how much that was.
    ///
    /// # Errors
    /// `WriteZero` when a write accepts nothing; otherwise whatever write(2) reports, except
    /// `Interrupted`, which is retried, and `WouldBlock`, after which the rest waits.
    pub fn flush(&mut self, stream: &mut impl Write) -> io::Result<usize> {
        let mut taken = 0;
        // A ring has two pieces at most.
        while !self.bytes.is_empty() {
            let (piece, _) = self.bytes.as_slices();
            let (n, len) = (write(stream, piece)?, piece.len());
            self.bytes.drain(..n);
            taken += n;
            if n < len {
                return Ok(taken);
            }
        }
        // A connection that waits for its peer to speak keeps no buffer.
        self.bytes = VecDeque::new();
        Ok(taken)
    }
    // ANCHOR_END: flush

    /// Whether everything was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether so much waits that nothing should be added ([`OUTBOX_LIMIT`]).
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= OUTBOX_LIMIT
    }
}

// ANCHOR: write
/// Writes as many of `bytes` as the stream takes now, in as many calls as it takes. Returns how many.
fn write(stream: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
    let mut taken = 0;
    while taken < bytes.len() {
        match stream.write(&bytes[taken..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => taken += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}
// ANCHOR_END: write

#[cfg(test)]
mod tests {
    use testkit::ScriptedIo;

    use super::*;

    #[test]
    fn bytes_keep_their_order_when_the_peer_takes_a_few_at_a_time() {
        let mut outbox = Outbox::default();
        let mut stream = ScriptedIo::new().every_write_at_most(3).room(4);
        assert_eq!(outbox.send(&mut stream, b"hello ").unwrap(), 4);
        stream = stream.room(1);
        assert_eq!(outbox.send(&mut stream, b"wor").unwrap(), 0, "others wait already");
        assert_eq!(outbox.flush(&mut stream).unwrap(), 1);
        // The ring goes round: what was sent first is in one piece, what came later in another.
        assert_eq!(outbox.send(&mut stream, b"ld").unwrap(), 0);
        stream = stream.room(100);
        assert_eq!(outbox.flush(&mut stream).unwrap(), 6);
        assert_eq!(stream.written(), b"hello world");
        assert!(outbox.is_empty());
        assert_eq!(outbox.bytes.capacity(), 0, "an empty outbox takes no memory");
    }

    #[test]
    fn what_is_taken_at_once_never_waits() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.send(&mut ScriptedIo::new(), b"hello").unwrap(), 5);
        assert_eq!(outbox.bytes.capacity(), 0);
    }

    #[test]
    fn a_write_that_accepts_nothing_is_write_zero() {
        let mut stream = ScriptedIo::new().every_write_at_most(0);
        let error = Outbox::default().send(&mut stream, b"x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WriteZero);
    }

    #[test]
    fn it_is_full_from_the_limit_on() {
        let mut outbox = Outbox::default();
        let mut stream = ScriptedIo::new().room(0);
        outbox.send(&mut stream, &vec![0; OUTBOX_LIMIT - 1]).unwrap();
        assert!(!outbox.is_full());
        outbox.send(&mut stream, b"x").unwrap();
        assert!(outbox.is_full());
    }
}
