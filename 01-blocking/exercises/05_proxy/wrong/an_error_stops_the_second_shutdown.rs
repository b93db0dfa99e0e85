//! M41 · fails: an_upstream_that_resets_costs_one_client
//! The capstone of stage 01: a TCP proxy.
//!
//! For every client that connects to `listener`, connect to `upstream`, and carry bytes both
//! ways until both sides have finished. The two directions are independent: either side may
//! speak first, both may send at once, and one may finish while the other goes on for an hour.
//! A side that has finished sending (a read returns 0) still reads.
//!
//! Whatever goes wrong between one client and its upstream is told to both of them, by ending
//! their connections, and to nobody else.
//!
//! accept's errors are those of `serve_all`: only `InvalidInput` ends the proxy. Where there was a
//! `listener.pause()`, sleep for 50 ms.
//!
//! Your task: `proxy`. `TcpStream::try_clone` gives a second handle to the same socket, for a
//! second thread; `TcpStream::shutdown` ends a connection, or one direction of it, whatever
//! other handles there are.
//!
//! Read first: the book, "A thread for each".
//! Check with `cargo workshop check proxy`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken. Nothing else ends the proxy.
pub fn proxy(listener: &TcpListener, upstream: SocketAddr) -> io::Result<()> {
    loop {
        let client = match listener.accept() {
            Ok((client, _)) => client,
            Err(e) if e.kind() == ErrorKind::InvalidInput => return Err(e),
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::Interrupted
                        | ErrorKind::ConnectionAborted
                        | ErrorKind::ConnectionReset
                ) =>
            {
                continue;
            }
            Err(_) => {
                thread::sleep(std::time::Duration::from_millis(50));
                continue;
            }
        };
        let _ = thread::Builder::new().spawn(move || {
            let _ = converse(client, upstream);
        });
    }
}

fn converse(client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    let (client2, server2) = (client.try_clone()?, server.try_clone()?);
    let up = thread::Builder::new().spawn(move || carry(&client, &server))?;
    let _ = carry(&server2, &client2);
    let _ = up.join();
    Ok(())
}

/// One direction, to its end.
fn carry(from: &TcpStream, to: &TcpStream) -> io::Result<()> {
    match pump(from, to) {
        Ok(()) => to.shutdown(Shutdown::Write),
        Err(error) => {
            from.shutdown(Shutdown::Both)?;
            to.shutdown(Shutdown::Both)?;
            Err(error)
        }
    }
}

fn pump(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => to.write_all(&buffer[..n])?,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
