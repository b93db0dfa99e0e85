//! M28 · fails: an_interrupted_write_is_tried_again
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
    let mut total = 0;
    loop {
        let n = match stream.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(n) => n,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        // An interrupted write has done nothing, so simply do it again.
        loop {
            match write_piece(stream, &buffer[..n]) {
                Ok(()) => break,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        total += n as u64;
    }
}

fn write_piece<S: Write>(stream: &mut S, mut piece: &[u8]) -> io::Result<()> {
    while !piece.is_empty() {
        match stream.write(piece)? {
            0 => return Err(ErrorKind::WriteZero.into()),
            n => piece = &piece[n..],
        }
    }
    Ok(())
}
