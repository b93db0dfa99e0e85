//! An echo server's connection, whose peer is slow.
//!
//! What the peer sends goes back to it, in order. The peer may send faster than it takes what comes
//! back: the bytes that it has not taken wait in an outbox. At most `bound` bytes may wait. While the
//! outbox is full, nothing is read from the peer, and the kernel slows it down.
//!
//! The poller is level-triggered: at each poll it reports the stream, as long as that is ready for
//! what you are interested in. The loop asks for your interest after each call, and tells the poller.
//! With too much interest the loop spins, with too little the connection is stuck.
//!
//! The stream is in non-blocking mode, and an event is a hint: either function may be called when
//! there is nothing for it to do. How often it reads or writes in one call is your choice, and
//! whether you write at once what you have read, or when the stream is reported as writable.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};

/// What the poller is to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    pub readable: bool,
    pub writable: bool,
}

// ANCHOR: connection
/// One conversation, and what the peer has not taken of it yet.
pub struct Connection {
    bound: usize,
    /// What was read and no write has accepted. At most `bound` bytes.
    outbox: VecDeque<u8>,
    /// Whether the peer has sent its last byte.
    ended: bool,
}

impl Connection {
    /// The beginning of a conversation. `bound` is at least 1.
    pub fn new(bound: usize) -> Self {
        Self { bound, outbox: VecDeque::new(), ended: false }
    }

    /// The stream was reported as readable: reads from it, no more than there is room for.
    ///
    /// # Errors
    /// Whatever a read or a write reports, except `WouldBlock` and `Interrupted`. A write that accepts
    /// nothing is `WriteZero`.
    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let mut buffer = [0; 1024];
        let room = buffer.len().min(self.bound - self.outbox.len());
        // A read into no room would say Ok(0), which looks like the end.
        if room == 0 {
            return Ok(());
        }
        match stream.read(&mut buffer[..room]) {
            Ok(0) => self.ended = true,
            Ok(n) => {
                self.outbox.extend(&buffer[..n]);
                // Most peers take it at once: then the poller need not be told of any interest.
                return self.on_writable(stream);
            }
            Err(error) => return unless_it_is_for_later(error),
        }
        Ok(())
    }

    /// The stream was reported as writable: writes what waits, as far as the stream takes it.
    ///
    /// # Errors
    /// As those of `on_readable`.
    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        while !self.outbox.is_empty() {
            let (front, _) = self.outbox.as_slices();
            match stream.write(front) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => drop(self.outbox.drain(..n)),
                Err(error) => return unless_it_is_for_later(error),
            }
        }
        Ok(())
    }

    /// What to report: readable while the peer may send more and fewer than `bound` bytes wait,
    /// writable while any wait. `None`: the peer has sent its last byte and got everything back, so the
    /// conversation is over.
    pub fn interest(&self) -> Option<Interest> {
        let readable = !self.ended && self.outbox.len() < self.bound;
        let writable = !self.outbox.is_empty();
        (readable || writable).then_some(Interest { readable, writable })
    }

    /// The bytes that were read and that no write has accepted, in order. The loop asks for
    /// them when an error has ended the conversation.
    pub fn into_unsent(self) -> Vec<u8> {
        self.outbox.into()
    }
}

/// The poller is level-triggered: what is ready and was not done is reported again.
fn unless_it_is_for_later(error: io::Error) -> io::Result<()> {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(()),
        _ => Err(error),
    }
}
// ANCHOR_END: connection
