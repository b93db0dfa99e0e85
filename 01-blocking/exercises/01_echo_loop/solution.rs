//! One conversation of an echo server.
//!
//! The peer sends bytes. Write each piece back before you read the next one: the peer may be
//! waiting for the answer before it sends more. When the peer has finished (end of stream),
//! return how many bytes went back.
//!
//! A read may return fewer bytes than the buffer holds, and a write may accept fewer than it is
//! given. A signal may interrupt either. After that error, and only after that one, call
//! again.

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
        let n = match stream.read(&mut buffer) {
            Ok(0) => return Ok(echoed),
            Ok(n) => n,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        // It calls again after a partial write and an interruption, and reports a write that
        // accepts nothing.
        stream.write_all(&buffer[..n])?;
        echoed += n as u64;
    }
}
// ANCHOR_END: echo
