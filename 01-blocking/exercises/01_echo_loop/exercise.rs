//! One conversation of an echo server.
//!
//! The peer sends bytes. Write each piece back before you read the next one: the peer may be
//! waiting for the answer before it sends more. When the peer has finished (end of stream),
//! return how many bytes went back.
//!
//! A read may return fewer bytes than the buffer holds, and a write may accept fewer than it is
//! given. A signal may interrupt either. After that error, and only after that one, call
//! again.
//!
//! Your task: `echo`.
//!
//! Read first: the book, "A server in twenty lines".
//! Check with `cargo workshop check echo_loop`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    let mut buffer = [0; 1024];
    todo!("read a piece; write it back, all of it; until the end of the stream")
}
