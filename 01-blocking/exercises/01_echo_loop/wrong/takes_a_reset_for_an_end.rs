//! M28 · fails: a_read_error_ends_the_conversation

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};

fn peer_left(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    let mut buffer = [0; 1024];
    let mut total = 0u64;
    loop {
        let n = match stream.read(&mut buffer) {
            Ok(n) => n,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if peer_left(&error) => 0,
            Err(error) => return Err(error),
        };
        if n == 0 {
            return Ok(total);
        }
        if let Err(error) = stream.write_all(&buffer[..n]) {
            // nobody is there to read the echo any more: not our problem
            return if peer_left(&error) { Ok(total) } else { Err(error) };
        }
        total += n as u64;
    }
}
