//! Where connections come from.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use mio::net::TcpListener as Socket;
use tracing::trace;

use super::TcpStream;
use crate::io::{Io, Side};
use crate::runtime;

// ANCHOR: listener
/// Listens for connections over TCP. Dropping it closes it: the system resets the connections that were
/// established and not accepted.
#[derive(Debug)]
pub struct TcpListener {
    io: Io<Socket>,
}

impl TcpListener {
    /// Listens on an address. Port 0 asks the system for a free one.
    ///
    /// # Errors
    /// Those of bind(2), listen(2) and the poller.
    ///
    /// # Panics
    /// Outside of a [`Runtime`](crate::Runtime).
    #[track_caller]
    pub fn bind(addr: SocketAddr) -> io::Result<Self> {
        let shared = runtime::current();
        Ok(Self { io: Io::new(Socket::bind(addr)?, shared)? })
    }

    /// Takes over a listener from std, and puts it into non-blocking mode.
    ///
    /// # Errors
    /// Those of fcntl(2) and of the poller.
    ///
    /// # Panics
    /// Outside of a [`Runtime`](crate::Runtime).
    #[track_caller]
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Self> {
        let shared = runtime::current();
        listener.set_nonblocking(true)?;
        Ok(Self { io: Io::new(Socket::from_std(listener), shared)? })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    // ANCHOR: accept
    /// Waits for the next connection.
    ///
    /// # Errors
    /// Those of accept(2), except `Interrupted` and `ConnectionAborted`, which are retried.
    /// [`verdict`](super::verdict) tells what each means for the next call. A client that could not be
    /// accepted still waits: the next call finds it, although no event reports it again.
    ///
    /// # Cancel safety
    /// If it is dropped, it has accepted nothing: no connection is lost.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            match self.io.call(Side::Read, Socket::accept).await {
                Ok((socket, peer)) => {
                    trace!(%peer, "accepted");
                    return Ok((TcpStream::new(socket, self.io.shared().clone())?, peer));
                }
                // The client left while it waited.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
        }
    }
    // ANCHOR_END: accept
}
// ANCHOR_END: listener
