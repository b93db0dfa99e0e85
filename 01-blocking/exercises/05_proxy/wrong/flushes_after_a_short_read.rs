//! M60 · fails: questions_and_answers

use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{self, Builder};
use std::time::Duration;

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken. Nothing else ends the proxy.
pub fn proxy(listener: &TcpListener, upstream: SocketAddr) -> io::Result<()> {
    loop {
        let client = match listener.accept() {
            Ok((stream, _peer)) => stream,
            Err(error) => {
                match error.kind() {
                    ErrorKind::Interrupted
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::ConnectionReset => (),
                    ErrorKind::InvalidInput => return Err(error),
                    _other => thread::sleep(Duration::from_millis(100)),
                }
                continue;
            }
        };
        _ = Builder::new().spawn(move || connect_both(client, upstream));
    }
}

fn connect_both(client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    let (client_in, client_out) = (client.try_clone()?, client.try_clone()?);
    let (server_in, server_out) = (server.try_clone()?, server.try_clone()?);

    let end_both = move || {
        _ = client.shutdown(Shutdown::Both);
        _ = server.shutdown(Shutdown::Both);
    };

    thread::scope(|s| {
        let spawned = Builder::new().spawn_scoped(s, || {
            if forward(client_in, server_out).is_err() {
                end_both();
            }
        });
        if spawned.is_err() || forward(server_in, client_out).is_err() {
            end_both();
        }
    });
    Ok(())
}

fn forward(mut from: TcpStream, to: TcpStream) -> io::Result<()> {
    let mut to = BufWriter::new(to);
    let mut chunk = [0u8; 4096];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => {
                to.flush()?;
                return to.get_ref().shutdown(Shutdown::Write);
            }
            Ok(n) => {
                to.write_all(&chunk[..n])?;
                // A short read: that was all for now, do not let it lie around.
                if n < chunk.len() {
                    to.flush()?;
                }
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
