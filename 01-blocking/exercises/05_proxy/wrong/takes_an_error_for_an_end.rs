//! M41 · fails: a_reset_leaves_no_thread_behind

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
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
            Err(e) if matches!(e.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {
                continue;
            }
            Err(_) => {
                thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        if let Err(e) = thread::Builder::new().spawn(move || {
            if let Err(e) = handle(client, upstream) {
                eprintln!("client failed: {e}");
            }
        }) {
            eprintln!("no thread: {e}");
        }
    }
}

fn handle(client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    let client2 = client.try_clone()?;
    let server2 = server.try_clone()?;

    let t = thread::Builder::new().spawn(move || pump(client2, server2))?;
    pump(server, client);
    let _ = t.join();
    Ok(())
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    // done or broken, either way there is nothing more to come from this side
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
