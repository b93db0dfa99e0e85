//! A server that ends without cutting its clients off.
//!
//! `serve` accepts connections and runs all of them at once, in its own task: a connection is a future,
//! which ends when its client has left. The listener is a stream of connections, the signals are a
//! stream as well, and neither of them ever ends. `next` of both is cancel safe.
//! - Until the first signal, `serve` accepts whatever comes.
//! - From the first signal on it accepts nothing, not even a connection that is ready. It drops the
//!   listener at once, and keeps the connections that it has: it drains.
//! - The drain has a limit. `deadline` is called when the signal has come, because that is when the time
//!   begins; what it returns is ready when the time is up. The time may also be zero.
//! - When all connections have ended, or the time is up, or a second signal has come, `serve` returns at
//!   once. It drops the connections that have not ended, and returns how many those were.
//! - A connection that panics has ended, and no other one is affected. One that has ended is dropped at
//!   once, and is not polled again.
//!
//! Your task: `serve`. `FuturesUnordered`, `select`, `CatchUnwind` and the like are welcome.
//!
//! Read first: the book, "Shutting down".
//! Check with `cargo workshop check shutdown`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;

use futures::future::{FutureExt, select};
use futures::stream::{FuturesUnordered, Stream, StreamExt};

/// Serves until a signal comes, and then until the connections have ended, or it is too late. Returns
/// how many connections were cut off.
pub async fn serve<C, D>(
    listener: impl Stream<Item = C> + Unpin,
    signals: impl Stream<Item = ()> + Unpin,
    deadline: impl FnOnce() -> D,
) -> usize
where
    C: Future<Output = ()>,
    D: Future<Output = ()>,
{
    todo!("accept and run until the signal; what goes first then, and what are the three ends?")
}
