//! M55 · fails: a_full_direction_holds_up_only_itself

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// How long to listen to one side before turning to the other.
const TURN: Duration = Duration::from_millis(5);

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken. Nothing else ends the proxy.
pub fn proxy(listener: &TcpListener, upstream: SocketAddr) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok((client, peer)) => {
                let spawned = thread::Builder::new()
                    .name(format!("proxy {peer}"))
                    .spawn(move || drop(talk(client, upstream)));
                if let Err(e) = spawned {
                    eprintln!("{peer}: {e}");
                }
            }
            Err(e) if e.kind() == ErrorKind::InvalidInput => return Err(e),
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Any error returns from here, which drops (closes) both: there are no other handles.
fn talk(mut client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    client.set_read_timeout(Some(TURN))?;
    server.set_read_timeout(Some(TURN))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;

    let mut buf = vec![0u8; 64 * 1024];
    let mut client_open = true;
    let mut server_open = true;
    while client_open || server_open {
        if client_open {
            client_open = turn(&mut client, &mut server, &mut buf)?;
        }
        if server_open {
            server_open = turn(&mut server, &mut client, &mut buf)?;
        }
    }
    Ok(())
}

/// Passes on what `from` says in its turn. False: it has finished.
fn turn(from: &mut TcpStream, to: &mut TcpStream, buf: &mut [u8]) -> io::Result<bool> {
    match from.read(buf) {
        Ok(0) => {
            to.shutdown(Shutdown::Write)?;
            Ok(false)
        }
        Ok(n) => {
            to.write_all(&buf[..n])?;
            Ok(true)
        }
        Err(e) => match e.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(true),
            _ => Err(e),
        },
    }
}
