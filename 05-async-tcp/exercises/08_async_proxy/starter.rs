//! The capstone of stage 05: the proxy, in straight lines.
//!
//! `serve` accepts clients, and gives each a conversation: a task that connects to the upstream and
//! carries bytes both ways. All that it needs of the system is in `Network`; the one for real sockets is
//! at the end of this file. Those come from the package `async-tcp`: while that does not build, neither does
//! this exercise.
//! - Each direction is independent of the other: either side may speak first, both may speak at once, and
//!   one may finish while the other continues. Each word is passed on at once, and so is the end, with
//!   `close`, after all that came before it. When both have ended, the conversation is over.
//! - A receiver that takes nothing holds its sender back: at most `BUFFER` bytes of a direction wait here.
//! - An error of a read or a write ends the conversation at once, and both streams are dropped.
//! - There are at most `max` conversations. Clients beyond that are not accepted: they wait in the backlog.
//! - One that ends makes room, whether its upstream refused, it failed, it panicked, or its task was dropped,
//!   in the middle or before it was polled at all. No other conversation is affected.
//! - What `accept` reports is sorted by `async_tcp::net::verdict`. Only `Stop` ends `serve`; after
//!   `Pause`, `Network::pause` passes first.
//!
//! Your task: `carry`, `converse`, `Places` and `serve`. Any number of tasks may wait for a place. One
//! that is dropped while it waits takes no place with it, even if it was woken already, and its waker is
//! not kept.
//!
//! Read first: the book, "One server, five stages" and "What a timeout drops".
//! Check with `cargo workshop check async_proxy`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_tcp::net::{ACCEPT_BACKOFF, Verdict, verdict};
use async_tcp::{TcpListener, TcpStream};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// How much of one direction may wait here.
pub const BUFFER: usize = 16 * 1024;

/// What the proxy needs of the system.
pub trait Network: Send + Sync + 'static {
    /// A client, or the upstream.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next client.
    fn accept(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// A connection to the upstream.
    fn connect(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Gives a conversation a task of its own.
    fn spawn(&self, conversation: impl Future<Output = ()> + Send + 'static);

    /// How long not to accept when the system has no descriptor left.
    fn pause(&self) -> impl Future<Output = ()> + Send;
}

/// Connects each client of `listener` to `upstream`, and serves up to `max` at once.
///
/// # Errors
/// Those of accept(2) that no later call could repair.
pub async fn proxy(listener: TcpListener, upstream: SocketAddr, max: usize) -> io::Result<()> {
    serve(Arc::new(Tcp { listener, upstream }), max).await
}

/// Accepts for ever, and gives each client a conversation in a task of its own.
///
/// # Errors
/// What `verdict` calls `Stop`.
pub async fn serve<N: Network>(network: Arc<N>, max: usize) -> io::Result<()> {
    todo!("first a place, then a client. what keeps the place, and for how long?")
}

/// Carries what both sides say to the other, until both have ended.
///
/// # Errors
/// The first one of either direction.
pub async fn converse(
    client: impl AsyncRead + AsyncWrite + Unpin,
    upstream: impl AsyncRead + AsyncWrite + Unpin,
) -> io::Result<()> {
    todo!("both directions at once: what does each need of a stream?")
}

/// Carries one direction, and closes `to` at its end.
///
/// # Errors
/// Whatever a read, a write or the close reports.
pub async fn carry(from: impl AsyncRead + Unpin, to: impl AsyncWrite + Unpin) -> io::Result<()> {
    todo!("read a piece, write all of it, and again")
}

/// So many conversations there may be. Clones share them.
#[derive(Clone)]
pub struct Places {
    // To do: how many are free, and which tasks wait for one?
}

/// Room for one conversation, until it is dropped.
pub struct Place {
    // To do: where does it come from?
}

impl Places {
    /// All of them are free.
    pub fn up_to(max: usize) -> Self {
        todo!("nothing waits yet")
    }

    /// Waits until there is a place, and takes it.
    ///
    /// # Cancel safety
    /// If the future is dropped, it has taken none, and keeps no other one waiting.
    pub async fn take(&self) -> Place {
        todo!("take one, or wait. what if this future is dropped after it was woken?")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // To do: there is room again. Which tasks should look?
    }
}

/// Real sockets.
struct Tcp {
    listener: TcpListener,
    upstream: SocketAddr,
}

impl Network for Tcp {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<TcpStream> {
        Ok(self.listener.accept().await?.0)
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.upstream).await
    }

    fn spawn(&self, conversation: impl Future<Output = ()> + Send + 'static) {
        // Its handle is not needed: a task continues without it.
        drop(async_tcp::spawn(conversation));
    }

    async fn pause(&self) {
        async_tcp::sleep(ACCEPT_BACKOFF).await;
    }
}
