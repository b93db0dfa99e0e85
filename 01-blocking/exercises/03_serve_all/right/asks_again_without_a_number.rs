//! Errors are sorted first. One without a number is one client's, as macOS has it: no pause.

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

enum Next {
    Accept,
    Pause,
    Stop,
}

fn after(error: &io::Error) -> Next {
    match error.kind() {
        ErrorKind::Interrupted => Next::Accept,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => Next::Accept,
        ErrorKind::InvalidInput if error.raw_os_error().is_none() => Next::Accept,
        ErrorKind::InvalidInput => Next::Stop,
        _ => Next::Pause,
    }
}

/// Serves every client that arrives.
///
/// # Errors
/// `InvalidInput` when the system says that the listener itself is broken. Nothing else ends it.
pub fn serve_all<L: Listener>(listener: &mut L) -> io::Result<()> {
    loop {
        let error = match listener.accept() {
            Ok(stream) => {
                serve(stream);
                continue;
            }
            Err(error) => error,
        };
        match after(&error) {
            Next::Accept => {}
            Next::Pause => listener.pause(),
            Next::Stop => return Err(error),
        }
    }
}

/// Serves a client on a thread of its own.
fn serve<S: Read + Write + Send + 'static>(mut stream: S) {
    let thread = thread::Builder::new().name("client".to_owned());
    if let Err(error) = thread.spawn(move || echo(&mut stream).err().map(|e| eprintln!("{e}"))) {
        eprintln!("no thread for a client: {error}");
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
