//! Bytes whose every position is recognisable, so that a lost, doubled or swapped piece is
//! seen.

use std::io::{self, ErrorKind, Read, Write};

/// The pattern repeats after this many positions: a prime, so that no buffer size hides a
/// shift.
const PERIOD: usize = 251;

/// Some whole periods of the pattern. `seed` tells one stream's bytes from another's.
struct Pattern {
    block: Vec<u8>,
    /// How much of the stream has passed.
    position: usize,
}

impl Pattern {
    fn new(seed: u8) -> Self {
        let block = (0..256 * PERIOD).map(|index| (index % PERIOD) as u8 ^ seed).collect();
        Self { block, position: 0 }
    }

    /// What comes next in the stream: at least one byte, at most `max`.
    fn next(&self, max: usize) -> &[u8] {
        let start = self.position % PERIOD;
        &self.block[start..self.block.len().min(start + max)]
    }
}

/// Writes a pattern of `len` bytes.
pub(crate) fn send(to: &mut impl Write, len: usize, seed: u8) -> io::Result<()> {
    send_from(to, 0, len, seed)
}

/// Writes what remains of a pattern of `len` bytes after the first `position`.
pub(crate) fn send_from(
    to: &mut impl Write,
    position: usize,
    len: usize,
    seed: u8,
) -> io::Result<()> {
    let mut pattern = Pattern { position, ..Pattern::new(seed) };
    while pattern.position < len {
        let n = offer(to, &pattern, len)?;
        pattern.position += n;
    }
    Ok(())
}

/// Writes a pattern of `len` bytes until it is all sent or a write runs into its timeout.
/// Returns how much was sent.
pub(crate) fn send_until_timeout(to: &mut impl Write, len: usize, seed: u8) -> io::Result<usize> {
    let mut pattern = Pattern::new(seed);
    while pattern.position < len {
        match offer(to, &pattern, len) {
            Ok(n) => pattern.position += n,
            Err(error) if is_timeout(&error) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(pattern.position)
}

/// One write of what comes next.
fn offer(to: &mut impl Write, pattern: &Pattern, len: usize) -> io::Result<usize> {
    loop {
        match to.write(pattern.next(len - pattern.position)) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Reads `len` bytes and compares each with the pattern.
///
/// # Errors
/// `InvalidData` names the first position that differs, `UnexpectedEof` how many bytes came.
pub(crate) fn expect(from: &mut impl Read, len: usize, seed: u8) -> io::Result<()> {
    let mut pattern = Pattern::new(seed);
    let mut buffer = vec![0; pattern.block.len() - PERIOD];
    while pattern.position < len {
        let position = pattern.position;
        let want = buffer.len().min(len - position);
        let n = match from.read(&mut buffer[..want]) {
            Ok(0) => {
                let message = format!("the stream ended after {position} of {len} bytes");
                return Err(io::Error::new(ErrorKind::UnexpectedEof, message));
            }
            Ok(n) => n,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                let message = match is_timeout(&error) {
                    true => format!("after {position} of {len} bytes"),
                    false => format!("after {position} of {len} bytes: {error}"),
                };
                return Err(io::Error::new(error.kind(), message));
            }
        };
        let expected = pattern.next(n);
        if buffer[..n] != *expected {
            let differs = (0..n).find(|&at| buffer[at] != expected[at]).unwrap_or(n);
            let message =
                format!("byte {} of {len} differs from what was sent", position + differs);
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        pattern.position += n;
    }
    Ok(())
}

/// A read or write that ran into its timeout: `WouldBlock` on Unix, `TimedOut` on Windows.
pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Reads on until the end of the stream, which must come without another byte.
pub(crate) fn expect_end(from: &mut impl Read) -> io::Result<()> {
    let mut rest = [0; 64];
    loop {
        match from.read(&mut rest) {
            Ok(0) => return Ok(()),
            Ok(n) => {
                let message = format!("{n} bytes too many where the stream should end");
                return Err(io::Error::new(ErrorKind::InvalidData, message));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScriptedIo;

    fn bytes(len: usize, seed: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        send(&mut bytes, len, seed).unwrap();
        bytes
    }

    #[test]
    fn a_lost_byte_and_a_short_stream_are_named() {
        let mut shifted = bytes(600, 7);
        shifted.remove(300);
        let error = expect(&mut shifted.as_slice(), 599, 7).unwrap_err();
        assert_eq!(error.to_string(), "byte 300 of 599 differs from what was sent");
        let error = expect(&mut bytes(10, 7).as_slice(), 20, 7).unwrap_err();
        assert_eq!(error.to_string(), "the stream ended after 10 of 20 bytes");
    }

    #[test]
    fn a_pattern_goes_on_where_it_stopped() {
        let mut tail = Vec::new();
        send_from(&mut tail, 1000, 200_000, 5).unwrap();
        assert_eq!(tail, bytes(200_000, 5)[1000..]);
        let mut full = ScriptedIo::new().write_at_most(70).write_error(ErrorKind::WouldBlock);
        assert_eq!(send_until_timeout(&mut full, 200, 5).unwrap(), 70);
    }

    #[test]
    fn the_pattern_is_accepted_in_any_pieces_and_nothing_may_follow() {
        let mut io = ScriptedIo::new().data_byte_by_byte(bytes(300, 1)).data("more").end();
        expect(&mut io, 300, 1).unwrap();
        assert!(expect_end(&mut io).is_err());
        expect_end(&mut io).unwrap();
    }
}
