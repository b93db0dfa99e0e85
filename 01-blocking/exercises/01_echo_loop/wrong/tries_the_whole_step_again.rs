//! M28 · fails: an_interrupted_write_is_tried_again

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};

/// One piece: in and out again. 0 at the end of the stream.
fn step<S: Read + Write>(stream: &mut S, buffer: &mut [u8]) -> io::Result<usize> {
    let n = stream.read(buffer)?;
    let mut rest = &buffer[..n];
    while !rest.is_empty() {
        let written = stream.write(rest)?;
        if written == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        rest = &rest[written..];
    }
    Ok(n)
}

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    let mut buffer = [0; 1024];
    let mut echoed = 0u64;
    loop {
        match step(stream, &mut buffer) {
            Ok(0) => break Ok(echoed),
            Ok(n) => echoed += n as u64,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => break Err(e),
        }
    }
}
