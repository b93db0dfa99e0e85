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
//!
//! Your task: the fields of `Connection`, and its functions.
//!
//! Read first: the book, "When the peer is slow".
//! Check with `cargo workshop check outbox`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};

/// What the poller is to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    pub readable: bool,
    pub writable: bool,
}

/// One conversation, and what the peer has not taken of it yet.
pub struct Connection {
    bound: usize,
    // What else must you know between two events?
}

impl Connection {
    /// The beginning of a conversation. `bound` is at least 1.
    pub fn new(bound: usize) -> Self {
        Self { bound }
    }

    /// The stream was reported as readable: reads from it, no more than there is room for.
    ///
    /// # Errors
    /// Whatever a read or a write reports, except `WouldBlock` and `Interrupted`. A write that accepts
    /// nothing is `WriteZero`.
    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let mut buffer = [0; 1024];
        todo!("how much may you read?")
    }

    /// The stream was reported as writable: writes what waits, as far as the stream takes it.
    ///
    /// # Errors
    /// As those of `on_readable`.
    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        todo!("what if it takes a part?")
    }

    /// What to report: readable while the peer may send more and fewer than `bound` bytes wait,
    /// writable while any wait. `None`: the peer has sent its last byte and got everything back, so the
    /// conversation is over.
    pub fn interest(&self) -> Option<Interest> {
        todo!("reading, writing, both, or neither?")
    }

    /// The bytes that were read and that no write has accepted, in order. The loop asks for
    /// them when an error has ended the conversation.
    pub fn into_unsent(self) -> Vec<u8> {
        todo!("what waits?")
    }
}
