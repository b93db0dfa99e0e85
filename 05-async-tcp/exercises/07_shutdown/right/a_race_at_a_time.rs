//! One thing after the other, as a loop of races.

use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures::future::{Either, FutureExt, select};
use futures::stream::{FuturesUnordered, Stream, StreamExt};

/// Serves until a signal comes, and then until the connections have ended, or it is too late.
pub async fn serve<C, D>(
    mut listener: impl Stream<Item = C> + Unpin,
    mut signals: impl Stream<Item = ()> + Unpin,
    deadline: impl FnOnce() -> D,
) -> usize
where
    C: Future<Output = ()>,
    D: Future<Output = ()>,
{
    let mut connections = FuturesUnordered::new();
    loop {
        let ends = async {
            if connections.next().await.is_none() {
                // An empty one is ready at once: nothing in it will ever end.
                pending::<()>().await;
            }
        };
        let ends = pin!(ends);
        let happens = select(ends, listener.next());
        let connection = match select(signals.next(), happens).await {
            Either::Left(_) => break,
            Either::Right((Either::Left(_), _)) => continue,
            Either::Right((Either::Right((connection, _)), _)) => connection,
        };
        connections.push(AssertUnwindSafe(connection.expect("it never ends")).catch_unwind());
    }
    drop(listener);
    let mut too_late = pin!(select(Box::pin(deadline()), signals.next()));
    while !connections.is_empty() {
        match select(connections.next(), too_late.as_mut()).await {
            Either::Left(_) => {}
            Either::Right(_) => break,
        }
    }
    connections.len()
}
