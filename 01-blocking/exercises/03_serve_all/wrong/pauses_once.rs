//! M39 · fails: exhaustion_pauses_and_goes_on

use std::io::{self, ErrorKind, Read, Write};
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
    let mut pausing = false;
    loop {
        match listener.accept() {
            Ok(mut stream) => {
                pausing = false;
                thread::spawn(move || echo(&mut stream));
            }
            Err(err) => match err.kind() {
                ErrorKind::InvalidInput => return Err(err),
                ErrorKind::Interrupted
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted => {}
                _ => {
                    if !pausing {
                        eprintln!("not accepting for now: {err}");
                        pausing = true;
                        listener.pause();
                    }
                }
            },
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
