//! Goes over the list by number, from its end: what takes the place of one that leaves was asked before.

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
pub fn ask(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<Answer> {
    let result = std::iter::repeat_with(|| stream.read(buffer))
        .find(|result| !result.as_ref().is_err_and(|e| e.kind() == ErrorKind::Interrupted))
        .expect("it repeats without end");
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Answer::NothingNow),
        result => result.map(|n| if n == 0 { Answer::End } else { Answer::Bytes(n) }),
    }
}

/// Asks each connection once, and echoes what it has to say.
pub fn round<S: Read + Write>(connections: &mut Vec<S>, buffer: &mut [u8]) -> Vec<io::Error> {
    let mut errors = Vec::new();
    for number in (0..connections.len()).rev() {
        let stream = &mut connections[number];
        let failure = match ask(stream, buffer) {
            Ok(Answer::NothingNow) => continue,
            Ok(Answer::Bytes(n)) => match stream.write_all(&buffer[..n]) {
                Ok(()) => continue,
                Err(error) => Some(error),
            },
            Ok(Answer::End) => None,
            Err(error) => Some(error),
        };
        errors.extend(failure);
        connections.swap_remove(number);
    }
    errors
}
