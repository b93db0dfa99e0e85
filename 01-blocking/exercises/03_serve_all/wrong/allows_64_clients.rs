//! M55 · fails: many_silent_clients_hold_up_nobody
//! The accept loop of a server that stays up.
//!
//! Clients arrive at `listener`. Each is to be served by `echo`, which returns when that client
//! is done: at once, in an hour, or never, for a client that connects and says nothing. No
//! client may hold up another, and no client's error may end the server.
//!
//! accept itself reports errors too, and they differ:
//! - A signal interrupted it, or a client left before it was accepted (`Interrupted`,
//!   `ConnectionAborted`, `ConnectionReset`): accept again.
//! - The listener itself is broken (`InvalidInput`): no call will ever succeed. Return the
//!   error at once, whoever is still being served.
//! - Anything else: the system is out of something, most often of descriptors. The next accept
//!   would fail at once, and so would the one after it. Call `listener.pause()`, which waits a
//!   moment, then accept again.
//!
//! Your task: `serve_all`.
//!
//! Read first: the book, "A thread for each".
//! Check with `cargo workshop check serve_all`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// Where clients arrive. A `TcpListener` is one; the tests bring another, which follows a
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
/// `InvalidInput` when the listener itself is broken. Nothing else ends it.
pub fn serve_all<L: Listener>(listener: &mut L) -> io::Result<()> {
    // Clients must not choose how many threads we have.
    const MAX: usize = 64;
    let limit = Arc::new((Mutex::new(0usize), Condvar::new()));
    loop {
        let mut stream = match listener.accept() {
            Ok(stream) => stream,
            Err(e) => match e.kind() {
                ErrorKind::Interrupted
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset => continue,
                ErrorKind::InvalidInput => return Err(e),
                _ => {
                    listener.pause();
                    continue;
                }
            },
        };
        let permit = Permit::acquire(&limit, MAX);
        let _ = thread::Builder::new().spawn(move || {
            let _permit = permit;
            let _ = echo(&mut stream);
        });
    }
}

struct Permit(Arc<(Mutex<usize>, Condvar)>);

impl Permit {
    fn acquire(limit: &Arc<(Mutex<usize>, Condvar)>, max: usize) -> Self {
        let (count, freed) = &**limit;
        let mut count = freed.wait_while(count.lock().unwrap(), |n| *n >= max).unwrap();
        *count += 1;
        Permit(Arc::clone(limit))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap() -= 1;
        self.0.1.notify_one();
    }
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
