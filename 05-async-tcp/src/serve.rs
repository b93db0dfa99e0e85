//! The accept loop: a task for each client.

use std::io;
use std::mem;
use std::net::SocketAddr;

use tracing::{debug, info, warn};

use crate::connections::Connections;
use crate::net::{ACCEPT_BACKOFF, TcpListener, TcpStream, Verdict, verdict};
use crate::{sleep, spawn_named};

// ANCHOR: serve
/// Accepts for ever, and gives each client a task that runs the future that `converse` returns. `name` is
/// for the log. Dropping it closes the listener; the clients that were accepted are served to their end.
///
/// # Errors
/// Those of accept(2) after which no later call can succeed.
pub async fn serve<F>(
    listener: TcpListener,
    connections: &Connections,
    name: &str,
    converse: impl Fn(TcpStream) -> F,
) -> io::Result<()>
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut pausing = false;
    loop {
        // First room, then a client: clients for whom there is no room wait in the backlog.
        let place = connections.place().await;
        match listener.accept().await {
            Ok((stream, peer)) => {
                pausing = false;
                let conversation = converse(stream);
                spawn_named(name, async move {
                    let _place = place;
                    report(peer, conversation.await);
                });
            }
            Err(error) => match verdict(&error) {
                Verdict::Stop => return Err(error),
                Verdict::Pause => {
                    // Once for each pause: twenty warnings a second would fill a disk.
                    if !mem::replace(&mut pausing, true) {
                        warn!(%error, "not accepting for now");
                    }
                    sleep(ACCEPT_BACKOFF).await;
                }
                Verdict::Retry | Verdict::WouldBlock => {}
            },
        }
    }
}
// ANCHOR_END: serve

/// An error is the end of one conversation.
fn report(peer: SocketAddr, result: io::Result<()>) {
    match result {
        Ok(()) => debug!(connection = %peer, "ended"),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            info!(connection = %peer, "said nothing for too long");
        }
        Err(error) => warn!(%peer, %error, "connection failed"),
    }
}
