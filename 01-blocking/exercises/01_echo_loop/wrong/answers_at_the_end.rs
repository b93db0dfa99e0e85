//! M60 · fails: each_piece_is_answered_before_the_next_is_read
//! One conversation of an echo server.
//!
//! The peer sends bytes. Each piece goes back to it before the next one is read: it may be
//! waiting for the answer before it says more. When the peer has finished (end of stream),
//! return how many bytes went back.
//!
//! A read may bring fewer bytes than the buffer holds, and a write may accept fewer than it is
//! given. A signal may interrupt either: that error, and only that one, is no reason to give
//! up.

use std::io::{self, Read, Write};

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
// ANCHOR: echo
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    let mut received = Vec::new();
    stream.read_to_end(&mut received)?;
    stream.write_all(&received)?;
    Ok(received.len() as u64)
}
// ANCHOR_END: echo
