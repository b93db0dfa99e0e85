//! The capstone of stage 01: a TCP proxy.
//!
//! For every client that connects to `listener`, connect to `upstream`, and carry bytes both
//! ways until both sides have finished. The two directions are independent: either side may
//! speak first, both may send at once, and one may finish while the other continues for an hour.
//! A side that has finished sending (a read returns 0) still reads.
//!
//! If anything goes wrong between a client and its upstream, end both connections, so that both
//! sides learn of it. No other client may notice.
//!
//! accept's errors are those of `serve_all`: only `InvalidInput` ends the proxy. Where there was a
//! `listener.pause()`, sleep for 50 ms.
//!
//! Your task: `proxy`. `TcpStream::try_clone` gives a second handle to the same socket, for a
//! second thread; `TcpStream::shutdown` ends a connection, or one direction of it, whatever
//! other handles there are.
//!
//! Read first: the book, "A proxy".
//! Check with `cargo workshop check 01/proxy`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken. Nothing else ends the proxy.
pub fn proxy(listener: &TcpListener, upstream: SocketAddr) -> io::Result<()> {
    todo!("for each client: connect to the upstream, and carry bytes both ways at once")
}
