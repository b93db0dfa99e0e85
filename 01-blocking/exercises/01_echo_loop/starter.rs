//! One conversation of an echo server.
//!
//! The peer sends bytes. Each piece goes back to it before the next one is read: it may be
//! waiting for the answer before it says more. When the peer has finished (end of stream),
//! return how many bytes went back.
//!
//! A read may bring fewer bytes than the buffer holds, and a write may accept fewer than it is
//! given. A signal may interrupt either: that error, and only that one, is no reason to give
//! up.
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
