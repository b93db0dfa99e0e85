//! State machines by hand, and places that are handed over.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};

use async_tcp::net::{ACCEPT_BACKOFF, Verdict, verdict};
use async_tcp::{TcpListener, TcpStream};
use futures::io::{AsyncRead, AsyncWrite};

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
        let mut place = places.take().await;
        let client = loop {
            match network.accept().await.map_err(|error| (verdict(&error), error)) {
                Ok(client) => break client,
                Err((Verdict::Stop, error)) => return Err(error),
                Err((Verdict::Pause, _)) => {
                    drop(place);
                    network.pause().await;
                    place = places.take().await;
                }
                Err(_) => {}
            }
        };
        network.spawn(conversation(network.clone(), client, place));
    }
}

async fn conversation<N: Network>(network: Arc<N>, client: N::Stream, _place: Place) {
    if let Ok(upstream) = network.connect().await {
        let _ = converse(client, upstream).await;
    }
}

/// Carries what both sides say to the other, until both have ended.
///
/// # Errors
/// The first one of either direction.
pub async fn converse(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut upstream: impl AsyncRead + AsyncWrite + Unpin,
) -> io::Result<()> {
    let (mut up, mut down) = (Direction::default(), Direction::default());
    poll_fn(|cx| {
        let up = up.poll(&mut client, &mut upstream, cx)?;
        let down = down.poll(&mut upstream, &mut client, cx)?;
        if up.is_ready() && down.is_ready() { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}

/// Carries one direction, and closes `to` at its end.
///
/// # Errors
/// Whatever a read, a write or the close reports.
pub async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut direction = Direction::default();
    poll_fn(|cx| direction.poll(&mut from, &mut to, cx)).await
}

/// One direction, as a state machine.
#[derive(Default)]
struct Direction {
    outbox: VecDeque<u8>,
    has_ended: bool,
    is_closed: bool,
}

impl Direction {
    fn poll(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.is_closed {
            if !self.outbox.is_empty() {
                let n = ready!(Pin::new(&mut *to).poll_write(cx, self.outbox.as_slices().0))?;
                self.outbox.drain(..n);
            } else if self.has_ended {
                ready!(Pin::new(&mut *to).poll_close(cx))?;
                self.is_closed = true;
            } else {
                let mut piece = [0; BUFFER];
                let n = ready!(Pin::new(&mut *from).poll_read(cx, &mut piece))?;
                self.outbox.extend(&piece[..n]);
                self.has_ended = n == 0;
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// So many conversations there may be. Who waits is given a place, before it is woken.
#[derive(Clone)]
pub struct Places(Arc<Mutex<(usize, VecDeque<Arc<Wish>>)>>);

/// Of one task that waits.
#[derive(Default)]
struct Wish(Mutex<(Option<Place>, Option<Waker>)>);

/// Room for one conversation, until it is dropped.
pub struct Place(Places);

impl Places {
    /// All of them are free.
    pub fn up_to(max: usize) -> Self {
        Self(Arc::new(Mutex::new((max, VecDeque::new()))))
    }

    /// Waits until there is a place, and takes it.
    pub async fn take(&self) -> Place {
        let wish = Arc::new(Wish::default());
        let leave = Leave(self, wish.clone());
        {
            let mut inner = self.0.lock().expect("nothing panics under it");
            if inner.0 > 0 {
                inner.0 -= 1;
                wish.0.lock().expect("nothing panics under it").0 = Some(Place(self.clone()));
            } else {
                inner.1.push_back(wish.clone());
            }
        }
        let place = poll_fn(|cx| {
            let mut mine = wish.0.lock().expect("nothing panics under it");
            mine.1 = Some(cx.waker().clone());
            mine.0.take().map_or(Poll::Pending, Poll::Ready)
        });
        let place = place.await;
        drop(leave);
        place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.0.0.lock().expect("nothing panics under it");
        let Some(wish) = inner.1.pop_front() else {
            inner.0 += 1;
            return;
        };
        drop(inner);
        let mut wish = wish.0.lock().expect("nothing panics under it");
        wish.0 = Some(Self(self.0.clone()));
        let waker = wish.1.take();
        drop(wish);
        waker.into_iter().for_each(Waker::wake);
    }
}

/// A task that waits no longer: if it was given a place, another one gets it.
struct Leave<'a>(&'a Places, Arc<Wish>);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.0.lock().expect("nothing panics under it");
        inner.1.retain(|wish| !Arc::ptr_eq(wish, &self.1));
        drop(inner);
        let given = self.1.0.lock().expect("nothing panics under it").0.take();
        drop(given);
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
