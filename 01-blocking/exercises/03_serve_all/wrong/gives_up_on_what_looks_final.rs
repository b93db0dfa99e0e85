//! M39 · fails: exhaustion_pauses_and_goes_on

use std::io::{self, ErrorKind, Read, Write};
use std::thread;

enum Next {
    Again,
    Later,
    Never,
}

fn classify(kind: ErrorKind) -> Next {
    use ErrorKind::*;
    match kind {
        Interrupted | ConnectionAborted | ConnectionReset => Next::Again,
        // Asking again changes nothing about any of these.
        InvalidInput | PermissionDenied | Unsupported | NotConnected => Next::Never,
        _ => Next::Later,
    }
}

fn serve_in_background<S: Read + Write + Send + 'static>(mut stream: S) {
    let result = thread::Builder::new().spawn(move || {
        if let Err(e) = echo(&mut stream) {
            eprintln!("client failed: {e}");
        }
    });
    if let Err(e) = result {
        eprintln!("client dropped: {e}");
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
    loop {
        match listener.accept() {
            Ok(stream) => serve_in_background(stream),
            Err(e) => match classify(e.kind()) {
                Next::Again => {}
                Next::Later => listener.pause(),
                Next::Never => return Err(e),
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
