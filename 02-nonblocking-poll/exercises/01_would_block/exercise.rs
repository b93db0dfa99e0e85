//! Asking without waiting.
//!
//! The streams here are in non-blocking mode: a read never waits. When nothing has come, it
//! reports `WouldBlock`, and that is an answer, not a failure. So one thread can ask many
//! streams, one after another.
//!
//! `ask` puts one question to one stream: one read, and another one only if a signal
//! interrupted it. `round` goes once over all connections: it asks each of them once, and sends
//! back what came. A connection that has ended or failed leaves: drop it, which closes it. All others
//! stay, in any order.
//!
//! The peers here take what they are sent, so `write_all` will do. A peer that takes only a part is
//! the topic of a later exercise.
//!
//! Your task: `ask` and `round`.
//!
//! Read first: the book, "Asking without waiting".
//! Check with `cargo workshop check would_block`.
#![allow(unused, clippy::ptr_arg, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};

/// What a stream answers when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This many bytes, at the front of the buffer.
    Bytes(usize),
    /// Nothing has come, for now.
    NothingNow,
    /// The peer has sent its last byte.
    End,
}

/// Asks a stream once.
///
/// # Errors
/// Whatever a read reports, except what is an answer, and except `Interrupted`.
pub fn ask(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<Answer> {
    todo!("read; what does each result mean to a caller that does not wait?")
}

/// Asks each connection once, and echoes what it sent. Keeps those that are still open. Returns the
/// errors of those that have failed, to be logged.
///
/// `buffer` is scratch space for one connection after another.
pub fn round<S: Read + Write>(connections: &mut Vec<S>, buffer: &mut [u8]) -> Vec<io::Error> {
    todo!("ask each; which ones stay, which ones leave, and how are the others not affected?")
}
