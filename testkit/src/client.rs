//! The other side of the wire: clients with patience, and with bad manners.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use crate::pattern;

/// How long a client waits for a server that should answer at once. A served client waits for
/// microseconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A client that waits for an answer this long at most.
pub(crate) fn connect(addr: SocketAddr, patience: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A client whose receive buffer is small, so that the server meets a
/// full socket soon.
pub(crate) fn connect_with_small_buffer(addr: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    // Before connect: the window is announced in the handshake (tcp(7)).
    socket.set_recv_buffer_size(4096)?;
    socket.connect_timeout(&addr.into(), PATIENCE)?;
    Ok(socket.into())
}

/// A client of which a server can send little ahead: its receive buffer is small, and so are its
/// segments, from which Linux derives the size of the buffer that the server sends from.
pub(crate) fn connect_with_small_segments(addr: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    socket.set_recv_buffer_size(4096)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_mss(536)?;
    socket.connect_timeout(&addr.into(), PATIENCE)?;
    Ok(socket.into())
}

/// Sends a message and expects it back.
pub(crate) fn round_trip(stream: &mut TcpStream, len: usize, seed: u8) -> io::Result<()> {
    pattern::send(stream, len, seed)?;
    pattern::expect(stream, len, seed)
}

/// Sends the last byte there will be, and expects the stream to end from the other side too.
pub(crate) fn close(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    pattern::expect_end(&mut stream)
}

/// Writes a pattern of `len` bytes until the other side takes no more: every buffer between the
/// two is full. Returns how much it took. A tenth of a second without progress counts as full.
pub(crate) fn send_until_full(stream: &mut TcpStream, len: usize, seed: u8) -> io::Result<usize> {
    let patience = stream.write_timeout()?;
    stream.set_write_timeout(Some(Duration::from_millis(100)))?;
    let sent = pattern::send_until_timeout(stream, len, seed)?;
    stream.set_write_timeout(patience)?;
    Ok(sent)
}

/// Ends a connection with a reset (RST) in place of an orderly end (FIN): socket(7), SO_LINGER
/// with 0 seconds.
///
/// # Errors
/// Those of setsockopt(2).
pub fn reset(stream: TcpStream) -> io::Result<()> {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO))
}

/// Reads small pieces, as a slow consumer does.
pub(crate) struct InSmallPieces<'a>(pub(crate) &'a TcpStream);

impl Read for InSmallPieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(1000);
        self.0.read(&mut buffer[..len])
    }
}
