//! Asks every socket, all the time: correct, and never idle.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tracing::{debug, warn};

use crate::accept::{self, PAUSE, Verdict};
use crate::connection::{Connection, Stopped};

/// How much one `read` takes at most.
const BUFFER: usize = 16 * 1024;

// ANCHOR: serve
/// Serves up to `max_connections` clients at once, until `stop` is true and the last of them has
/// left.
///
/// # Errors
/// Those of accept(2) that no later call could repair.
pub fn serve(listener: TcpListener, max_connections: usize, stop: &AtomicBool) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut listener = Some(listener);
    let mut connections: Vec<Connection<TcpStream>> = Vec::new();
    let mut buffer = [0; BUFFER];
    loop {
        if stop.load(Ordering::Acquire) {
            listener = None;
            if connections.is_empty() {
                return Ok(());
            }
        }
        if let Some(listener) = &listener
            && connections.len() < max_connections
        {
            connections.extend(ask_for_a_client(listener)?);
        }
        connections.retain_mut(|connection| goes_on(connection, &mut buffer));
    }
}

/// A client that has connected, if there is one.
fn ask_for_a_client(listener: &TcpListener) -> io::Result<Option<Connection<TcpStream>>> {
    let error = match listener.accept() {
        Ok((stream, peer)) => {
            debug!(%peer, "accepted");
            // It costs one client, not the server.
            return Ok(match stream.set_nonblocking(true) {
                Ok(()) => Some(Connection::new(stream, peer)),
                Err(error) => {
                    warn!(%peer, %error, "this connection cannot be asked without waiting");
                    None
                }
            });
        }
        Err(error) => error,
    };
    match accept::verdict(&error) {
        Verdict::WouldBlock | Verdict::Retry => {}
        // It is the only thread, so everybody pauses with it.
        Verdict::Pause => thread::sleep(PAUSE),
        Verdict::Stop => return Err(error),
    }
    Ok(None)
}

/// Lets a connection do what it can. Returns whether it stays.
fn goes_on(connection: &mut Connection<TcpStream>, buffer: &mut [u8]) -> bool {
    let peer = connection.peer();
    // Nobody has told us anything, so everything is worth trying.
    connection.reported(true, false);
    match connection.advance(buffer) {
        Ok(Stopped::WouldBlock | Stopped::TurnOver) => true,
        Ok(Stopped::Done) => {
            debug!(%peer, "closed");
            false
        }
        Err(error) => {
            warn!(%peer, %error, "connection failed");
            false
        }
    }
}
// ANCHOR_END: serve
