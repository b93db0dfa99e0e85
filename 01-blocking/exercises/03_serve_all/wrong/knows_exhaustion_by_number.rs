//! M39 · fails: exhaustion_pauses_and_goes_on

use std::io::{self, ErrorKind, Read, Write};
use std::thread;

const ENOMEM: i32 = 12;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
const ENOBUFS: i32 = 105;

/// Is the system out of descriptors or memory?
fn exhausted(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(ENOMEM | ENFILE | EMFILE | ENOBUFS))
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
    loop {
        match listener.accept() {
            Ok(mut stream) => {
                let spawned = thread::Builder::new()
                    .name("client".to_string())
                    .spawn(move || drop(echo(&mut stream)));
                if spawned.is_err() {
                    // No thread to be had: we are out of something, too.
                    listener.pause();
                }
            }
            Err(error) if error.kind() == ErrorKind::InvalidInput => return Err(error),
            Err(error) if exhausted(&error) => listener.pause(),
            // A signal, an aborted connection, a reset: just go on.
            Err(_) => {}
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
