//! M60 · fails: each_piece_is_answered_before_the_next_is_read

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::with_capacity(1024);
    let mut echoed = 0;
    // read_until and not read_line: the bytes needn't be UTF-8
    while reader.read_until(b'\n', &mut line)? > 0 {
        reader.get_mut().write_all(&line)?;
        echoed += line.len() as u64;
        line.clear();
    }
    Ok(echoed)
}
