//! The capstone of stage 05: the proxy, in straight lines.
//!
//! `serve` accepts clients, and gives each a conversation: a task that connects to the upstream and
//! carries bytes both ways. All that it needs of the system is in `Network`; the one for real sockets is
//! at the end of this file. Those are the package `async-tcp`'s: while that does not build, neither does
//! this exercise.
//! - Each direction is independent of the other: either side may speak first, both may speak at once, and
//!   one may finish while the other continues. Each word is passed on at once, and so is the end, with
//!   `close`, after all that came before it. When both have ended, the conversation is over.
//! - A receiver that takes nothing holds its sender back: at most `BUFFER` bytes of a direction wait here.
//! - An error of a read or a write ends the conversation at once, and both streams are dropped.
//! - There are at most `max` conversations. Clients beyond that are not accepted: they wait in the backlog.
//! - One that ends, for whatever reason, makes room: its upstream refused, it failed, it panicked, its
//!   task was dropped, in the middle or before it was polled at all. No other conversation notices.
//! - What `accept` reports is sorted by `async_tcp::net::verdict`. Only `Stop` ends `serve`; after
//!   `Pause`, `Network::pause` passes first.
//!
//! Your task: `carry`, `converse`, `Places` and `serve`. Any number of tasks may wait for a place. One
//! that is dropped while it waits takes no place along, also if it was woken already, and its waker is
//! not kept.
//!
//! Read first: the book, "One server, five stages" and "What a timeout drops".
//! Check with `cargo workshop check async_proxy`.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use async_tcp::net::{ACCEPT_BACKOFF, Verdict, verdict};
use async_tcp::{TcpListener, TcpStream};
use futures::future::try_join;
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
    let places = Places::up_to(max);
    loop {
        let place = places.take().await;
        match network.accept().await {
            Ok(client) => {
                let shared = network.clone();
                network.spawn(async move {
                    // The task's, from the beginning: it is given back however the task ends.
                    let _place = place;
                    // An error is the end of this conversation, and concerns no other one.
                    if let Ok(upstream) = shared.connect().await {
                        let _ = converse(client, upstream).await;
                    }
                });
            }
            Err(error) => match verdict(&error) {
                Verdict::Stop => return Err(error),
                Verdict::Pause => network.pause().await,
                Verdict::Retry | Verdict::WouldBlock => {}
            },
        }
    }
}

/// Carries what both sides say to the other, until both have ended.
///
/// # Errors
/// The first one of either direction.
pub async fn converse(
    client: impl AsyncRead + AsyncWrite + Unpin,
    upstream: impl AsyncRead + AsyncWrite + Unpin,
) -> io::Result<()> {
    let (from_client, to_client) = client.split();
    let (from_upstream, to_upstream) = upstream.split();
    try_join(carry(from_client, to_upstream), carry(from_upstream, to_client)).await?;
    Ok(())
}

/// Carries one direction, and closes `to` at its end.
///
/// # Errors
/// Whatever a read, a write or the close reports.
pub async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = from.read(&mut buffer).await?;
        if n == 0 {
            return to.close().await;
        }
        // No read before this is done: it holds the sender back.
        to.write_all(&buffer[..n]).await?;
    }
}

/// So many conversations there may be. Clones share them.
#[derive(Clone)]
pub struct Places {
    state: Arc<Mutex<State>>,
}

struct State {
    free: usize,
    /// The tasks that wait for a place, by number.
    waiting: BTreeMap<usize, Waker>,
    /// The number of the last one that began to wait.
    last: usize,
}

/// Room for one conversation, until it is dropped.
pub struct Place {
    places: Places,
}

impl Places {
    /// All of them are free.
    pub fn up_to(max: usize) -> Self {
        let state = State { free: max, waiting: BTreeMap::new(), last: 0 };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Waits until there is a place, and takes it.
    ///
    /// # Cancel safety
    /// If the future is dropped, it has taken none, and keeps no other one waiting.
    pub async fn take(&self) -> Place {
        let mut waiting = Waiting { places: self, number: None };
        poll_fn(|cx| waiting.poll(cx)).await
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Also after a panic: places are given back while one unwinds.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let woken = {
            let mut state = self.places.lock();
            state.free += 1;
            mem::take(&mut state.waiting)
        };
        // All of them: one alone may be dropped before it looks.
        woken.into_values().for_each(Waker::wake);
    }
}

/// A task that waits for a place.
struct Waiting<'a> {
    places: &'a Places,
    /// None: it was not in the list yet.
    number: Option<usize>,
}

impl Waiting<'_> {
    fn poll(&mut self, cx: &Context<'_>) -> Poll<Place> {
        let waker = cx.waker().clone();
        let mut state = self.places.lock();
        if state.free > 0 {
            state.free -= 1;
            return Poll::Ready(Place { places: self.places.clone() });
        }
        let number = *self.number.get_or_insert_with(|| {
            state.last += 1;
            state.last
        });
        let old = state.waiting.insert(number, waker);
        // A waker is code of others: none of it under the lock.
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let waker = self.number.and_then(|number| self.places.lock().waiting.remove(&number));
        drop(waker);
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
        // Its handle is not needed: a task goes on without it.
        drop(async_tcp::spawn(conversation));
    }

    async fn pause(&self) {
        async_tcp::sleep(ACCEPT_BACKOFF).await;
    }
}
