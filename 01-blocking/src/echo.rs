//! One conversation: whatever the client sends comes back, until the client has finished.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use tracing::{debug, trace_span, warn};

/// How much one `read` takes at most. More would mean fewer system calls, and more memory for
/// each client.
const BUFFER: usize = 16 * 1024;

// ANCHOR: echo
/// Echoes until the peer has sent its last byte. Returns how many bytes came back.
///
/// End of stream ([`Read::read`] returns 0) means that the peer will send nothing more. It may
/// still be reading, so everything received is written back before this returns.
///
/// # Errors
/// Whatever read(2) or write(2) reports, except `Interrupted`, which is retried.
pub fn echo(stream: &mut (impl Read + Write)) -> io::Result<u64> {
    let mut buffer = [0; BUFFER];
    let mut echoed = 0;
    loop {
        let n = match trace_span!("read").in_scope(|| stream.read(&mut buffer)) {
            Ok(0) => return Ok(echoed),
            Ok(n) => n,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        write_all(stream, &buffer[..n])?;
        echoed += n as u64;
    }
}
// ANCHOR_END: echo

// ANCHOR: write_all
/// Writes all of `bytes`, in as many calls as it takes: the kernel may accept fewer than it was
/// given.
///
/// # Errors
/// `WriteZero` when a write accepts nothing; otherwise whatever write(2) reports, except
/// `Interrupted`.
pub fn write_all(stream: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let span = trace_span!("write", bytes = bytes.len());
        match span.in_scope(|| stream.write(bytes)) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
// ANCHOR_END: write_all

// ANCHOR: converse
/// Serves one client to its end. An error ends this conversation and no other: it is logged, and
/// not returned.
pub fn converse(mut stream: impl Read + Write, peer: SocketAddr) {
    debug!(%peer, "accepted");
    match echo(&mut stream) {
        Ok(bytes) => debug!(%peer, bytes, "closed"),
        Err(error) => warn!(%peer, %error, "connection failed"),
    }
}
// ANCHOR_END: converse

#[cfg(test)]
mod tests {
    use testkit::ScriptedIo;

    use super::*;

    #[test]
    fn short_writes_are_finished_and_interruptions_tried_again() {
        let mut io = ScriptedIo::new()
            .read_error(ErrorKind::Interrupted)
            .data("hello")
            .end()
            .write_error(ErrorKind::Interrupted)
            .every_write_at_most(2);
        assert_eq!(echo(&mut io).unwrap(), 5);
        assert_eq!(io.written(), b"hello");
    }

    #[test]
    fn a_write_that_accepts_nothing_is_write_zero() {
        let mut io = ScriptedIo::new().data("hello").end().every_write_at_most(0);
        assert_eq!(echo(&mut io).unwrap_err().kind(), ErrorKind::WriteZero);
    }

    #[test]
    fn other_errors_are_reported() {
        let mut io = ScriptedIo::new().read_error(ErrorKind::ConnectionReset);
        assert_eq!(echo(&mut io).unwrap_err().kind(), ErrorKind::ConnectionReset);
        let mut io = ScriptedIo::new().data("x").write_error(ErrorKind::BrokenPipe);
        assert_eq!(echo(&mut io).unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
