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

// ANCHOR: ask
/// Asks a stream once.
///
/// # Errors
/// Whatever a read reports, except what is an answer, and except `Interrupted`.
pub fn ask(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<Answer> {
    loop {
        return match stream.read(buffer) {
            Ok(0) => Ok(Answer::End),
            Ok(n) => Ok(Answer::Bytes(n)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Answer::NothingNow),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
    }
}
// ANCHOR_END: ask

// ANCHOR: round
/// Asks each connection once, and echoes what it sent. Keeps those that are still open. Returns the
/// errors of those that have failed, to be logged.
///
/// `buffer` is scratch space for one connection after another.
pub fn round<S: Read + Write>(connections: &mut Vec<S>, buffer: &mut [u8]) -> Vec<io::Error> {
    let mut errors = Vec::new();
    // It asks each exactly once, whichever of them leave.
    connections.retain_mut(|stream| match goes_on(stream, buffer) {
        Ok(stays) => stays,
        Err(error) => {
            errors.push(error);
            false
        }
    });
    errors
}

/// Asks one connection. Returns whether it stays.
fn goes_on(stream: &mut (impl Read + Write), buffer: &mut [u8]) -> io::Result<bool> {
    match ask(stream, buffer)? {
        Answer::Bytes(n) => stream.write_all(&buffer[..n])?,
        Answer::NothingNow => {}
        Answer::End => return Ok(false),
    }
    Ok(true)
}
// ANCHOR_END: round
