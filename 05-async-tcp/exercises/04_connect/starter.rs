//! A connect that blocks no thread, and tries one address after the other.
//!
//! `start(addr)` makes a socket that begins to connect, and returns before that has succeeded or failed. An
//! event of the socket says later that there may be news. `poll_writable` is ready once after each event;
//! otherwise it keeps the waker for the next one.
//! - An event comes when the socket is connected, when it has failed, and now and then for neither.
//! - If it has failed, `take_error` says why, and says it once. If there is no error, `peer_addr` decides:
//!   `Ok` if it is connected, `NotConnected` if it is not yet. Any other error is a failure.
//! - Nothing starts before the first poll. The next address is started once the one before it has
//!   failed, which may happen in `start` as well, and its socket was dropped, which closes it.
//! - The first socket that is connected is returned; if there is none, the error of the last address. A
//!   list without addresses is an error.
//! - Dropped while it waits, the future closes the socket that it waits for.
//!
//! Your task: `connect`.
//!
//! Read first: the book, "Readers and writers", "Connecting" and "Each address in turn".
//! Check with `cargo workshop check connect`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::task::{Context, Poll};

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
pub async fn connect<S: Socket>(
    addrs: &[SocketAddr],
    mut start: impl FnMut(SocketAddr) -> io::Result<S>,
) -> io::Result<S> {
    todo!("how does one attempt end, and what becomes of its socket before the next one starts?")
}
