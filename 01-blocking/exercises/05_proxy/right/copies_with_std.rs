//! Another right answer: `io::copy`, which retries what a signal has interrupted, and a thread that only
//! connects, and starts one for each direction.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken. Nothing else ends the proxy.
pub fn proxy(listener: &TcpListener, upstream: SocketAddr) -> io::Result<()> {
    for client in listener.incoming() {
        match client {
            Ok(client) => spawn(move || match TcpStream::connect(upstream) {
                Ok(server) => Pair([client, server]).start(),
                Err(error) => eprintln!("upstream: {error}"),
            }),
            Err(error) if error.kind() == ErrorKind::InvalidInput => return Err(error),
            Err(error) => {
                eprintln!("accept: {error}");
                thread::sleep(Duration::from_millis(50));
            }
        }
    }
    Ok(())
}

/// What cannot be started is dropped.
fn spawn(work: impl FnOnce() + Send + 'static) {
    let _ = thread::Builder::new().stack_size(64 * 1024).spawn(work);
}

struct Pair([TcpStream; 2]);

impl Pair {
    fn start(self) {
        let both = Arc::new(self);
        for from in [0, 1] {
            let pair = Arc::clone(&both);
            spawn(move || {
                if pair.carry(from).is_err() {
                    pair.abort();
                }
            });
        }
    }

    fn carry(&self, from: usize) -> io::Result<()> {
        let (mut from, mut to) = (&self.0[from], &self.0[1 - from]);
        io::copy(&mut from, &mut to)?;
        to.shutdown(Shutdown::Write)
    }

    fn abort(&self) {
        for side in &self.0 {
            let _ = side.shutdown(Shutdown::Both);
        }
    }
}
