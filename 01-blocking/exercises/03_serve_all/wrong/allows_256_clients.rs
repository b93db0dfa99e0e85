//! M55 · fails: many_silent_clients_hold_up_nobody

use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

const MAX_CONNECTIONS: usize = 256;

/// How many clients are being served, and a bell for when one has left.
#[derive(Default)]
struct Limit {
    open: Mutex<usize>,
    left: Condvar,
}

impl Limit {
    fn acquire(&self) {
        let open = self.open.lock().unwrap();
        let mut open = self.left.wait_while(open, |open| *open >= MAX_CONNECTIONS).unwrap();
        *open += 1;
    }

    fn release(&self) {
        *self.open.lock().unwrap() -= 1;
        self.left.notify_one();
    }
}

fn next_client<L: Listener>(listener: &mut L) -> io::Result<L::Stream> {
    loop {
        let error = match listener.accept() {
            Ok(stream) => return Ok(stream),
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::Interrupted | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => {}
            ErrorKind::InvalidInput => return Err(error),
            _ => listener.pause(),
        }
    }
}

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
    let limit = Arc::new(Limit::default());
    loop {
        limit.acquire();
        let mut stream = next_client(listener)?;
        let theirs = Arc::clone(&limit);
        let spawned = thread::Builder::new().spawn(move || {
            let _ = echo(&mut stream);
            theirs.release();
        });
        if spawned.is_err() {
            limit.release();
        }
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
