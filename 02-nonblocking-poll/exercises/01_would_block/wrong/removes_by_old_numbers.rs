//! M71 · fails: when_one_leaves_the_others_are_asked_once

#![allow(unused, reason = "a starter has unused parts until it is solved")]

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
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Answer::NothingNow),
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
    let mut gone = Vec::new();
    for (i, stream) in connections.iter_mut().enumerate() {
        match ask(stream, buffer) {
            Ok(Answer::Bytes(n)) => {
                if let Err(e) = stream.write_all(&buffer[..n]) {
                    errors.push(e);
                    gone.push(i);
                }
            }
            Ok(Answer::NothingNow) => {}
            Ok(Answer::End) => gone.push(i),
            Err(e) => {
                errors.push(e);
                gone.push(i);
            }
        }
    }
    for i in gone {
        if i < connections.len() {
            connections.swap_remove(i);
        }
    }
    errors
}
