//! M70 · fails: one_that_talks_without_end_gets_one_turn_a_round
//!
//! The buffer was full, so there must be more.

use std::io::{self, ErrorKind, Read, Write};

/// What a stream answers when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// So many bytes, at the front of the buffer.
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
    loop {
        match stream.read(buffer) {
            Ok(0) => return Ok(Answer::End),
            Ok(n) => return Ok(Answer::Bytes(n)),
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Answer::NothingNow),
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        }
    }
}

/// Asks each connection once, and echoes what it has to say. Keeps those that go on. Returns the
/// errors of those that have failed, to be logged.
///
/// `buffer` is scratch space for one connection after another.
pub fn round<S: Read + Write>(connections: &mut Vec<S>, buffer: &mut [u8]) -> Vec<io::Error> {
    let mut errors = Vec::new();
    connections.retain_mut(|c| {
        loop {
            match ask(c, buffer) {
                Ok(Answer::Bytes(n)) => {
                    if let Err(e) = c.write_all(&buffer[..n]) {
                        errors.push(e);
                        return false;
                    }
                    if n < buffer.len() {
                        return true;
                    }
                }
                Ok(Answer::NothingNow) => return true,
                Ok(Answer::End) => return false,
                Err(e) => {
                    errors.push(e);
                    return false;
                }
            }
        }
    });
    errors
}
