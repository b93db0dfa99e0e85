//! M29 · fails: a_partial_write_is_finished_before_the_next_read

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    let mut buffer = [0; 1024];
    let mut pending = 0; // buffer[..pending] has been read, but not written yet
    let mut echoed = 0u64;

    loop {
        match stream.read(&mut buffer[pending..]) {
            Ok(0) => break,
            Ok(n) => pending += n,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        }
        match stream.write(&buffer[..pending]) {
            Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero)),
            Ok(n) => {
                buffer.copy_within(n..pending, 0);
                pending -= n;
                echoed += n as u64;
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {} // stays pending
            Err(e) => return Err(e),
        }
    }

    stream.write_all(&buffer[..pending])?;
    Ok(echoed + pending as u64)
}
