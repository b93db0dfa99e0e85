//! Asks every socket, all the time: correct, and never idle.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tracing::{debug, info, warn};

use crate::accept::{self, ACCEPT_BACKOFF, Verdict};
use crate::connection::{Connection, Turn};

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
    let mut not_before = Instant::now();
    while listener.is_some() || !connections.is_empty() {
        if stop.load(Ordering::Acquire) && listener.take().is_some() {
            info!(open = connections.len(), "shutting down once these connections have ended");
        }
        if let Some(listener) = &listener
            && connections.len() < max_connections
            && not_before <= Instant::now()
        {
            connections.extend(ask_for_a_client(listener, &mut not_before)?);
        }
        connections.retain_mut(|connection| goes_on(connection, &mut buffer));
    }
    Ok(())
}
// ANCHOR_END: serve

// ANCHOR: ask_for_a_client
/// A client that has connected, if there is one.
fn ask_for_a_client(
    listener: &TcpListener,
    not_before: &mut Instant,
) -> io::Result<Option<Connection<TcpStream>>> {
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
        // Only accepting pauses: a sleep of the only thread would hold up every connection.
        Verdict::Pause => *not_before = Instant::now() + ACCEPT_BACKOFF,
        Verdict::Stop => return Err(error),
    }
    Ok(None)
}
// ANCHOR_END: ask_for_a_client

/// Gives a connection its turn. Returns whether it stays.
fn goes_on(connection: &mut Connection<TcpStream>, buffer: &mut [u8]) -> bool {
    let peer = connection.peer;
    match connection.advance(buffer) {
        Ok(Turn::Pending | Turn::Over) => true,
        Ok(Turn::Done) => {
            debug!(%peer, "closed");
            false
        }
        Err(error) => {
            warn!(%peer, %error, "connection failed");
            false
        }
    }
}
