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

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken. Nothing else ends the proxy.
// ANCHOR: proxy
pub fn proxy(listener: &TcpListener, upstream: SocketAddr) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok((client, _)) => {
                // Connecting may take long: it happens on the client's thread. Its error has ended
                // this client by dropping it, and concerns no other.
                let _ = thread::Builder::new().spawn(move || connect(client, upstream));
            }
            Err(error) => match error.kind() {
                ErrorKind::Interrupted
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset => {}
                ErrorKind::InvalidInput => return Err(error),
                _ => thread::sleep(Duration::from_millis(50)),
            },
        }
    }
}

/// Serves one client: two directions, two threads.
fn connect(client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let upstream = TcpStream::connect(upstream)?;
    let (client_too, upstream_too) = (client.try_clone()?, upstream.try_clone()?);
    let download = thread::Builder::new().spawn(move || carry(&upstream_too, &client_too))?;
    carry(&client, &upstream);
    // It ends by itself: `carry` has ended its own direction, or, after an error, both.
    let _ = download.join();
    Ok(())
}

/// Carries one direction to its end, and passes that end on.
fn carry(from: &TcpStream, to: &TcpStream) {
    let ended = match copy(from, to) {
        // The sender has finished. The receiver may continue to send: only this direction ends.
        Ok(()) => to.shutdown(Shutdown::Write),
        Err(error) => Err(error),
    };
    if ended.is_err() {
        // One side is gone. The other learns of it, and so does our other thread: its read or write
        // returns now.
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}

fn copy(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => to.write_all(&buffer[..n])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
// ANCHOR_END: proxy
