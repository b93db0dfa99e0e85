//! The echo server in straight lines. Each await is a state of stage 02's state machine.

use std::io;
use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt};

use crate::net::TcpStream;
use crate::timeout;

/// How much one `read` takes at most. Each open connection has such a buffer.
const BUFFER: usize = 16 * 1024;

// ANCHOR: echo
/// Sends back what it reads, until the end. A client that sends nothing, or reads nothing, for `idle` is
/// given up.
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

/// Fails with `TimedOut` if it takes too long.
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
