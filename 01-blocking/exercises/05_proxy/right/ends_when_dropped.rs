//! Another right answer: a direction that is dropped before its clean end ends both streams.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken. Nothing else ends the proxy.
pub fn proxy(listener: &TcpListener, upstream: SocketAddr) -> io::Result<()> {
    loop {
        let client = match listener.accept() {
            Ok((client, _)) => client,
            Err(e) if e.kind() == ErrorKind::InvalidInput => return Err(e),
            Err(e) if e.kind() == ErrorKind::ConnectionAborted => continue,
            Err(_) => {
                thread::sleep(Duration::from_millis(20));
                continue;
            }
        };
        if let Err(e) = thread::Builder::new().spawn(move || serve(client, upstream)) {
            eprintln!("cannot serve a client: {e}");
        }
    }
}

fn serve(client: TcpStream, upstream: SocketAddr) {
    let server = match TcpStream::connect(upstream) {
        Ok(server) => server,
        Err(e) => {
            eprintln!("upstream: {e}");
            return;
        }
    };
    let client = Arc::new(client);
    let server = Arc::new(server);
    let there = Direction { from: Arc::clone(&client), to: Arc::clone(&server), clean: false };
    let back = Direction { from: server, to: client, clean: false };

    // If there is no second thread, `there` is dropped unclean, and that ends both streams.
    if thread::Builder::new().spawn(move || there.run()).is_ok() {
        back.run();
    }
}

/// One direction. Ends both streams when dropped, unless it came to a clean end.
struct Direction {
    from: Arc<TcpStream>,
    to: Arc<TcpStream>,
    clean: bool,
}

impl Direction {
    fn run(mut self) {
        let mut buf = [0; 1000];
        loop {
            match (&*self.from).read(&mut buf) {
                Ok(0) => break,
                Ok(n) => {
                    if (&*self.to).write_all(&buf[..n]).is_err() {
                        return;
                    }
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
        self.clean = self.to.shutdown(Shutdown::Write).is_ok();
    }
}

impl Drop for Direction {
    fn drop(&mut self) {
        if !self.clean {
            let _ = self.from.shutdown(Shutdown::Both);
            let _ = self.to.shutdown(Shutdown::Both);
        }
    }
}
