//! M29 · fails: a_partial_write_loses_nothing
//! One conversation of an echo server.
//!
//! The peer sends bytes. Each piece goes back to it before the next one is read: it may be
//! waiting for the answer before it says more. When the peer has finished (end of stream),
//! return how many bytes went back.
//!
//! A read may bring fewer bytes than the buffer holds, and a write may accept fewer than it is
//! given. A signal may interrupt either: that error, and only that one, is no reason to give
//! up.

use std::io::{self, ErrorKind, Read, Write};

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
// ANCHOR: echo
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    let mut buffer = [0; 1024];
    let mut echoed = 0;
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(echoed),
            Ok(n) => echoed += stream.write(&buffer[..n])? as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
    }
}
// ANCHOR_END: echo
