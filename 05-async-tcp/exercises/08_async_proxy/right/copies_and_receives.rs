//! `copy`, and a channel in place of a list of wakers.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_tcp::net::{ACCEPT_BACKOFF, Verdict, verdict};
use async_tcp::{TcpListener, TcpStream};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy};
use futures::lock::Mutex;
use futures::{StreamExt, future::try_join};

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
    try_join(carry(from_client, to_upstream), carry(from_upstream, to_client)).await.map(drop)
}

/// Carries one direction, and closes `to` at its end.
///
/// # Errors
/// Whatever a read, a write or the close reports.
pub async fn carry(
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    copy(from, &mut to).await?;
    to.close().await
}

/// So many conversations there may be: a channel with a word for each that is free.
#[derive(Clone)]
pub struct Places {
    free: Arc<Mutex<UnboundedReceiver<()>>>,
    give_back: UnboundedSender<()>,
}

/// Room for one conversation, until it is dropped.
pub struct Place {
    give_back: UnboundedSender<()>,
}

impl Places {
    /// All of them are free.
    pub fn up_to(max: usize) -> Self {
        let (give_back, free) = unbounded();
        (0..max).for_each(|_| drop(Place { give_back: give_back.clone() }));
        Self { free: Arc::new(Mutex::new(free)), give_back }
    }

    /// Waits until there is a place, and takes it.
    pub async fn take(&self) -> Place {
        // One of those that wait has the lock and waits for a word, the others wait for the lock.
        let mut free = self.free.lock().await;
        free.next().await.expect("`give_back` is a sender, too");
        Place { give_back: self.give_back.clone() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // If nothing receives: there are no places any more.
        let _ = self.give_back.unbounded_send(());
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
