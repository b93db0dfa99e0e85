//! A thread for each client: each waits on its own, and no client can hold up another.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::thread;

use tracing::{trace, warn};

use crate::accept::accept;
use crate::echo::converse;
use crate::limit::Limit;

// ANCHOR: serve
/// Serves each client on a thread of its own, up to `max_connections` at once. More wait in the
/// listener's backlog.
///
/// # Errors
/// Those of [`accept`]. A thread that the system refuses costs one client, not the server.
pub fn serve(listener: &TcpListener, max_connections: usize) -> io::Result<Infallible> {
    let limit = Limit::new(max_connections);
    loop {
        // The permit comes first: a client that we accept and cannot serve would be worse off than
        // one that waits.
        let permit = limit.acquire();
        let (stream, peer) = accept(listener)?;
        trace!(%peer, "starting a thread");
        let spawned = thread::Builder::new().spawn(move || {
            converse(stream, peer);
            drop(permit);
        });
        if let Err(error) = spawned {
            warn!(%peer, %error, "no thread for this client");
        }
    }
}
// ANCHOR_END: serve
