//! The echo server: straight lines, and each is a state of stage 02's state machine.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use tracing::{debug, info, warn};

use crate::connections::Connections;
use crate::net::{ACCEPT_BACKOFF, TcpListener, TcpStream, Verdict, verdict};
use crate::{sleep, spawn_named, timeout};

/// How much one `read` takes at most. Each connection has such a buffer while it is open.
const BUFFER: usize = 16 * 1024;

// ANCHOR: echo
/// Sends back what comes in, until the end of it. A client that says nothing for `idle` is given up.
///
/// # Errors
/// Those of the connection, and `TimedOut`.
pub async fn echo(mut stream: TcpStream, idle: Option<Duration>) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = within(idle, stream.read(&mut buffer)).await?;
        if n == 0 {
            return stream.close().await;
        }
        within(idle, stream.write_all(&buffer[..n])).await?;
    }
}
// ANCHOR_END: echo

/// Gives up what takes too long.
async fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    match limit {
        None => work.await,
        Some(limit) => {
            timeout(limit, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        }
    }
}

// ANCHOR: serve
/// Accepts for ever, and gives each client a task. Dropped, it accepts no more; the clients that it
/// has are served to their ends.
///
/// # Errors
/// Those of accept(2) that no later call could repair.
pub async fn serve(
    listener: TcpListener,
    connections: &Connections,
    idle: Option<Duration>,
) -> io::Result<()> {
    let mut pausing = false;
    loop {
        let place = connections.place().await;
        match listener.accept().await {
            Ok((stream, peer)) => {
                pausing = false;
                let client = async move {
                    let _place = place;
                    report(peer, echo(stream, idle).await);
                };
                spawn_named("echo", client);
            }
            Err(error) => match verdict(&error) {
                Verdict::Stop => return Err(error),
                Verdict::Pause => {
                    // Once for each pause: twenty complaints a second would fill a disk.
                    if !std::mem::replace(&mut pausing, true) {
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

fn report(peer: SocketAddr, result: io::Result<()>) {
    match result {
        Ok(()) => debug!(connection = %peer, "ended"),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            info!(connection = %peer, "said nothing for too long");
        }
        Err(error) => warn!(%peer, %error, "connection failed"),
    }
}
