//! One byte at a time, as an iterator over what each of them came to.

use std::io::{self, ErrorKind, Read, Write};
use std::iter;

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    iter::from_fn(|| echo_byte(stream).transpose()).sum()
}

/// None at the end of the stream, else how many bytes went back.
fn echo_byte<S: Read + Write>(stream: &mut S) -> io::Result<Option<u64>> {
    let mut byte = [0];
    match stream.read(&mut byte) {
        Ok(0) => Ok(None),
        Ok(_) => stream.write_all(&byte).map(|()| Some(1)),
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(Some(0)),
        Err(error) => Err(error),
    }
}
