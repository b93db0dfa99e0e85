//! A connect that blocks nobody, and tries one address after the other.
//!
//! `start(addr)` makes a socket that begins to connect, and returns before that has succeeded or failed. An
//! event of the socket says later that there may be news. `poll_writable` is ready once after each event;
//! otherwise it keeps the waker for the next one.
//! - An event comes when the connection is there, when it has failed, and now and then for neither.
//! - If it has failed, `take_error` says why, and says it once. If there is no error, `peer_addr` decides:
//!   `Ok` if it is connected, `NotConnected` if it is not yet. Any other error is a failure.
//! - Nothing starts before the first poll, and the next address not before the one before it has failed,
//!   which may happen in `start` as well, and its socket is dropped: that closes it.
//! - The first socket that is connected is returned; if there is none, the error of the last address. A
//!   list without addresses is an error.
//! - Dropped while it waits, the future closes the socket that it waits for.
//!
//! Your task: `connect`.
//!
//! Read first: the book, "Readers and writers", "Connecting" and "Each address in turn".
//! Check with `cargo workshop check connect`.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A socket in non-blocking mode. Dropped, it is closed.
pub trait Socket: Unpin {
    /// Ready once after each event; until then the waker of the latest call is kept, and woken by it.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<()>;
    /// The error that has occurred since this was last called.
    fn take_error(&self) -> io::Result<Option<io::Error>>;
    /// Where the other end is.
    fn peer_addr(&self) -> io::Result<SocketAddr>;
}

/// Connects to the first of these addresses that accepts.
///
/// # Errors
/// None accepts: the error of the last one. There is no address.
pub fn connect<S: Socket, F: FnMut(SocketAddr) -> io::Result<S>>(
    addrs: &[SocketAddr],
    start: F,
) -> Connect<'_, S, F> {
    Connect { addrs: addrs.iter(), start: Box::new(start), socket: None, last: None }
}

/// The future of [`connect`].
pub struct Connect<'a, S, F> {
    /// Those that have not been tried.
    addrs: std::slice::Iter<'a, SocketAddr>,
    start: Box<F>,
    /// The attempt under way.
    socket: Option<S>,
    last: Option<io::Error>,
}

impl<S: Socket, F: FnMut(SocketAddr) -> io::Result<S>> Future for Connect<'_, S, F> {
    type Output = io::Result<S>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            if let Some(socket) = &this.socket {
                ready!(socket.poll_writable(cx));
                match judge(socket) {
                    Ok(true) => return Poll::Ready(this.socket.take().ok_or(no_address())),
                    Ok(false) => continue,
                    Err(error) => this.last = Some(error),
                }
            }
            this.socket = None;
            let Some(addr) = this.addrs.next() else {
                return Poll::Ready(Err(this.last.take().unwrap_or_else(no_address)));
            };
            match (this.start)(*addr) {
                Ok(socket) => this.socket = Some(socket),
                Err(error) => this.last = Some(error),
            }
        }
    }
}

/// Whether it is connected. An error: it never will be.
fn judge<S: Socket>(socket: &S) -> io::Result<bool> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
        result => result.map(|_| true),
    }
}

fn no_address() -> io::Error {
    io::Error::new(ErrorKind::AddrNotAvailable, "there is no address")
}
