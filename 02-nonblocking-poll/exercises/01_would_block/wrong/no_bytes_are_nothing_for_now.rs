//! M31 · fails: the_end_is_an_answer_of_its_own

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
            Ok(0) => return Ok(Answer::NothingNow),
            Ok(n) => return Ok(Answer::Bytes(n)),
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Answer::NothingNow),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Ok(Answer::End),
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
    connections.retain_mut(|stream| {
        let answer = ask(stream, buffer).and_then(|answer| {
            if let Answer::Bytes(n) = answer {
                stream.write_all(&buffer[..n])?;
            }
            Ok(answer)
        });
        match answer {
            Ok(Answer::Bytes(_) | Answer::NothingNow) => true,
            Ok(Answer::End) => false,
            Err(e) => {
                errors.push(e);
                false
            }
        }
    });
    errors
}
