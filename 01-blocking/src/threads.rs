//! A thread for each client: each waits on its own, and no client can hold up another.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tracing::{trace, warn};

use crate::accept::accept;
use crate::echo::converse;
use crate::limit::{Limit, Permit};

/// How long a client waits when the system refuses it a thread: until another one may have ended.
const THREAD_BACKOFF: Duration = Duration::from_secs(1);

// ANCHOR: serve
/// Serves each client on a thread of its own, up to `max_connections` at once. More wait in the
/// listener's backlog.
///
/// # Errors
/// Those of [`accept`]. If the system refuses a thread, the client waits until there is one.
pub fn serve(listener: &TcpListener, max_connections: usize) -> io::Result<Infallible> {
    let limit = Limit::new(max_connections);
    loop {
        // The permit comes first: a client that we accept and cannot serve would be worse off than
        // one that waits.
        let permit = limit.acquire();
        let (stream, peer) = accept(listener)?;
        // Shared, because a thread that is refused drops what it was given.
        let client = Arc::new((stream, permit));
        trace!(%peer, "starting a thread");
        while let Err(error) = start_a_thread(&client, peer) {
            warn!(%peer, %error, "no thread for this client yet");
            thread::sleep(THREAD_BACKOFF);
        }
    }
}

fn start_a_thread(client: &Arc<(TcpStream, Permit)>, peer: SocketAddr) -> io::Result<()> {
    let client = client.clone();
    thread::Builder::new().spawn(move || converse(&client.0, peer)).map(drop)
}
// ANCHOR_END: serve
