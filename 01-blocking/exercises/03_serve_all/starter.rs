//! The accept loop of a server that stays up.
//!
//! Clients arrive at `listener`. Serve each of them with `echo`, which returns when that client
//! is done: at once, in an hour, or never, if a client connects and says nothing. No client may
//! hold up another, and no client's error may end the server. You need not limit their
//! number here.
//!
//! accept itself reports errors too, and they differ:
//! - A signal interrupted it, or a client left before it was accepted (`Interrupted`,
//!   `ConnectionAborted`, `ConnectionReset`): accept again.
//! - The listener itself is broken (`InvalidInput`, and the error has a number from the system,
//!   `raw_os_error`): no call will ever succeed. Return the error at once, even while clients
//!   are still being served.
//! - Anything else: the system is out of something, most often of descriptors. The next accept
//!   would fail at once, and so would the one after it. Call `listener.pause()`, which waits a
//!   moment, then accept again. An `InvalidInput` without a number may pause or not: on macOS
//!   the standard library returns it for a client that left early.
//!
//! Your task: `serve_all`.
//!
//! Read first: the book, "A thread for each".
//! Check with `cargo workshop check serve_all`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};
use std::thread;

/// Where clients arrive. A `TcpListener` is one; the tests use another, which follows a
/// script.
pub trait Listener {
    type Stream: Read + Write + Send + 'static;

    /// Waits for the next client.
    fn accept(&mut self) -> io::Result<Self::Stream>;

    /// Waits a moment, in the hope that what the system is out of will be given back.
    fn pause(&mut self);
}

/// Serves every client that arrives.
///
/// # Errors
/// `InvalidInput` when the system says that the listener itself is broken. Nothing else ends it.
pub fn serve_all<L: Listener>(listener: &mut L) -> io::Result<()> {
    todo!("accept, for ever; which thread talks to the client while you wait for the next one?")
}

/// Serves one client to its end.
pub fn echo(stream: &mut (impl Read + Write)) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => stream.write_all(&buffer[..n])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
