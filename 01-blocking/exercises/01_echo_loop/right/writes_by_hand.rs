//! Seven bytes at a time, and a loop of its own around `write`.

use std::io::{self, ErrorKind, Read, Write};

/// Echoes until the end of the stream. Returns how many bytes were written back.
///
/// # Errors
/// Whatever a read or a write reports, except `Interrupted`. A write that accepts nothing is
/// `WriteZero`.
pub fn echo<S: Read + Write>(stream: &mut S) -> io::Result<u64> {
    let mut buffer = [0; 7];
    let mut echoed = 0;
    loop {
        let n = unless_interrupted(|| stream.read(&mut buffer))?;
        if n == 0 {
            return Ok(echoed);
        }
        let mut written = 0;
        while written < n {
            match unless_interrupted(|| stream.write(&buffer[written..n]))? {
                0 => return Err(ErrorKind::WriteZero.into()),
                taken => written += taken,
            }
        }
        echoed += n as u64;
    }
}

fn unless_interrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
