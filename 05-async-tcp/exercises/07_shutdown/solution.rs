//! A server that ends without cutting its clients off.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;

use futures::future::{FutureExt, select};
use futures::stream::{FuturesUnordered, Stream, StreamExt};

/// Serves until a signal comes, and then until the connections have ended, or it is too late. Returns
/// how many connections were cut off.
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
    poll_fn(|cx| {
        // The signal first: once it is here, a connection that is ready is not accepted.
        while signals.poll_next_unpin(cx).is_pending() {
            let Poll::Ready(Some(connection)) = listener.poll_next_unpin(cx) else {
                // Those that end are dropped here.
                while let Poll::Ready(Some(_)) = connections.poll_next_unpin(cx) {}
                return Poll::Pending;
            };
            connections.push(AssertUnwindSafe(connection).catch_unwind());
        }
        Poll::Ready(())
    })
    .await;
    // Before anything is awaited: clients that come now should learn that they are not served here.
    drop(listener);
    let drained = async { while connections.next().await.is_some() {} };
    let time = pin!(deadline());
    select(pin!(drained), select(time, signals.next())).await;
    connections.len()
}
