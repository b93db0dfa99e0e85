//! Connecting: it starts, and whether it succeeded is read back.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};

use mio::net::TcpStream as Socket;

use super::TcpStream;
use crate::io::Side;
use crate::runtime;
use crate::unblock::unblock;

impl TcpStream {
    // ANCHOR: connect
    /// Connects to one address.
    ///
    /// # Errors
    /// Those of connect(2), and of the poller.
    ///
    /// # Panics
    /// Outside of a [`Runtime`](crate::Runtime).
    ///
    /// # Cancel safety
    /// If it is dropped before it is ready, the socket is closed.
    pub async fn connect(addr: SocketAddr) -> io::Result<Self> {
        let shared = runtime::current();
        let stream = Self::new(Socket::connect(addr)?, shared)?;
        stream.io.call(Side::Write, has_connected).await?;
        Ok(stream)
    }
    // ANCHOR_END: connect

    // ANCHOR: connect_to
    /// Connects to the first address of a name, like `localhost:7878`, that accepts a connection.
    ///
    /// # Errors
    /// Those of [`resolve`]; that of the last address, if none accepts.
    ///
    /// # Panics
    /// Outside of a [`Runtime`](crate::Runtime).
    ///
    /// # Cancel safety
    /// As for [`connect`](Self::connect).
    pub async fn connect_to(name: &str) -> io::Result<Self> {
        Self::connect_any(resolve(name).await?).await
    }

    async fn connect_any(addrs: Vec<SocketAddr>) -> io::Result<Self> {
        let mut result = Err(io::Error::new(ErrorKind::NotFound, "this name has no address"));
        for addr in addrs {
            result = Self::connect(addr).await;
            if result.is_ok() {
                break;
            }
        }
        result
    }
    // ANCHOR_END: connect_to
}

// ANCHOR: has_connected
/// Whether the connection is established, or why it failed. A failure is reported as writable, too.
fn has_connected(socket: &Socket) -> io::Result<()> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(()),
        // Not yet: the event was about something else.
        Err(error) if error.kind() == ErrorKind::NotConnected => Err(ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
    }
}
// ANCHOR_END: has_connected

/// The addresses of a name, like `localhost:7878`. The lookup blocks, so another thread makes it.
///
/// # Errors
/// The name has no port; those of getaddrinfo(3).
///
/// # Panics
/// Outside of a [`Runtime`](crate::Runtime).
pub async fn resolve(name: &str) -> io::Result<Vec<SocketAddr>> {
    let name = name.to_owned();
    unblock(move || name.to_socket_addrs().map(Iterator::collect)).await
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use socket2::{Domain, Type};

    use super::*;
    use crate::Runtime;

    #[test]
    fn each_address_is_tried_until_one_accepts() {
        let _guard = testkit::patient_watchdog("a connection was neither established nor refused");
        let accepts = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = accepts.local_addr().unwrap();
        // Bound, so that no other program listens there, and neither does this one.
        let reserved = socket2::Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        reserved.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let refuses = reserved.local_addr().unwrap().as_socket().unwrap();
        let runtime = Runtime::new().unwrap();
        let connect = |addrs: &[SocketAddr]| {
            let result = runtime.block_on(TcpStream::connect_any(addrs.to_vec()));
            result.and_then(|stream| stream.peer_addr()).map_err(|error| error.kind())
        };
        assert_eq!(connect(&[refuses, addr]), Ok(addr));
        assert_eq!(connect(&[addr, refuses]), Ok(addr));
        assert_eq!(connect(&[refuses, refuses]), Err(ErrorKind::ConnectionRefused));
        assert_eq!(connect(&[]), Err(ErrorKind::NotFound));
    }
}
