//! A thread whose client is done waits for another one. A new thread is started when none waits.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::mpsc::{self, SendError, Sender};
use std::sync::{Arc, Mutex};
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
/// `InvalidInput` when the system says that the listener itself is broken. Nothing else ends it.
pub fn serve_all<L: Listener>(listener: &mut L) -> io::Result<()> {
    // The way to each thread that has no client.
    let idle: Arc<Mutex<Vec<Sender<L::Stream>>>> = Arc::default();
    loop {
        let mut stream = match listener.accept() {
            Ok(stream) => stream,
            Err(error) => match (error.kind(), error.raw_os_error()) {
                (ErrorKind::Interrupted, _)
                | (ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset, _) => continue,
                (ErrorKind::InvalidInput, Some(_)) => return Err(error),
                _ => {
                    listener.pause();
                    continue;
                }
            },
        };
        let waiting = idle.lock().unwrap().pop();
        if let Some(thread) = waiting {
            match thread.send(stream) {
                Ok(()) => continue,
                Err(SendError(unsent)) => stream = unsent,
            }
        }
        let (next, clients) = mpsc::channel();
        let _ = next.send(stream);
        let idle = Arc::downgrade(&idle);
        let _ = thread::Builder::new().spawn(move || {
            for mut stream in clients {
                let _ = echo(&mut stream);
                // None: the server has ended.
                let Some(idle) = idle.upgrade() else { return };
                idle.lock().unwrap().push(next.clone());
            }
        });
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
