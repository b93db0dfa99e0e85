//! M55 · fails: a_broken_listener_is_reported_beside_a_silent_client

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
    thread::scope(|scope| {
        loop {
            let mut stream = match listener.accept() {
                Ok(stream) => stream,
                Err(e) if e.kind() == ErrorKind::InvalidInput => break Err(e),
                Err(e)
                    if matches!(
                        e.kind(),
                        ErrorKind::Interrupted
                            | ErrorKind::ConnectionAborted
                            | ErrorKind::ConnectionReset
                    ) =>
                {
                    continue;
                }
                Err(_) => {
                    listener.pause();
                    continue;
                }
            };
            // The scope cleans up after us: no thread outlives the server.
            scope.spawn(move || {
                if let Err(e) = echo(&mut stream) {
                    eprintln!("client: {e}");
                }
            });
        }
    })
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
