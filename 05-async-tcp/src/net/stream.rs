//! A connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use mio::net::TcpStream as Socket;

use super::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use crate::io::{Io, Side};
use crate::runtime::{self, Shared};

// ANCHOR: stream
/// A connection over TCP. Dropping it closes it.
#[derive(Debug)]
pub struct TcpStream {
    pub(super) io: Io<Socket>,
}

impl TcpStream {
    pub(super) fn new(socket: Socket, shared: Arc<Shared>) -> io::Result<Self> {
        Ok(Self { io: Io::new(socket, shared)? })
    }

    /// Takes over a connection from std, and puts it into non-blocking mode.
    ///
    /// # Errors
    /// Those of fcntl(2) and of the poller.
    ///
    /// # Panics
    /// Outside of a [`Runtime`](crate::Runtime).
    #[track_caller]
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<Self> {
        let shared = runtime::current();
        stream.set_nonblocking(true)?;
        Self::new(Socket::from_std(stream), shared)
    }

    /// Where the other end is.
    ///
    /// # Errors
    /// Those of getpeername(2).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.peer_addr()
    }

    /// Where this end is.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// Whether small writes are sent at once instead of being gathered (tcp(7), `TCP_NODELAY`).
    ///
    /// # Errors
    /// Those of getsockopt(2).
    pub fn nodelay(&self) -> io::Result<bool> {
        self.io.nodelay()
    }

    /// Chooses whether small writes are sent at once.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.io.set_nodelay(nodelay)
    }

    /// Waits for bytes, and copies them without taking them. Returns 0 at the end of the stream.
    ///
    /// # Errors
    /// Those of recv(2), except `Interrupted`, which is retried.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.io.call(Side::Read, |socket| socket.peek(buffer)).await
    }

    /// Ends one direction, or both, at once. [`AsyncWriteExt::close`](futures::AsyncWriteExt::close) ends
    /// what is sent, after all of it was written.
    ///
    /// # Errors
    /// Those of shutdown(2).
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.io.shutdown(how)
    }

    /// The two directions, for two futures of one task. Not called `split`: `AsyncReadExt` has a method
    /// of that name, which takes the stream, and so would be called in place of this one.
    pub fn split_mut(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        (ReadHalf::new(self), WriteHalf::new(self))
    }

    /// The two directions, for two tasks. The connection is closed once both are dropped.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        let stream = Arc::new(self);
        (OwnedReadHalf::new(stream.clone()), OwnedWriteHalf::new(stream))
    }
    // ANCHOR_END: stream

    // The two that follow take `&self`, and keep one waker each, so only one task at a time may poll
    // either. `&mut` ensures that, here and in the halves.

    // ANCHOR: poll
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let room = buffer.len();
        self.io.poll_transfer(Side::Read, room, cx, |mut socket| socket.read(buffer))
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_transfer(Side::Write, bytes.len(), cx, |mut socket| socket.write(bytes))
    }
    // ANCHOR_END: poll

    /// Sends the end, after what was written. That the peer has closed the connection already is no error:
    /// some systems report `NotConnected` then.
    pub(super) fn close_write(&self) -> io::Result<()> {
        match self.io.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

// ANCHOR: async_read
impl AsyncRead for TcpStream {
    /// # Errors
    /// Those of recv(2), except `Interrupted`, which is retried.
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Self::poll_read(&self, cx, buffer)
    }
}
// ANCHOR_END: async_read

// ANCHOR: async_write
impl AsyncWrite for TcpStream {
    /// # Errors
    /// Those of send(2), except `Interrupted`, which is retried.
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Self::poll_write(&self, cx, bytes)
    }

    /// Does nothing: what was written is with the system already.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.close_write())
    }
}
// ANCHOR_END: async_write
