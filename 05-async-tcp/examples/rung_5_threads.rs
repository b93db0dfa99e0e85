//! Rung 5: threads. On the one thread of the rungs before, a task that computes or blocks keeps all
//! sockets waiting. Here the two threads of an executor share one reactor: if both are idle, one sleeps
//! in the poller, the other in `thread::park`. With `threads(1)` this program hangs.
//!
//! What it cannot do: let a socket leave the reactor, remember that the end was reported, shut down,
//! and keep the wakers of several tasks that wait for one listener. `src/` does.
//!
//! `cargo run -p async-tcp --example rung_5_threads`

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_tcp::slab::Slab;
use executor::{Executor, Park, Unpark};
use mio::net::TcpStream;
use mio::{Events, Interest, Registry, Token};
use waker::WakerSlot;

/// The slab gives no such key: it would be the last generation of its last slot.
const WAKER: Token = Token(usize::MAX);

// ANCHOR: reactor
/// What the threads share.
struct Reactor {
    registry: Registry,
    waker: mio::Waker,
    sources: Mutex<Slab<Arc<Source>>>,
}

/// Where one of the threads sleeps, if it is idle.
struct Driver {
    poller: mio::Poll,
    events: Events,
    reactor: Arc<Reactor>,
}

impl Park for Driver {
    fn park(&mut self, limit: Option<Duration>) -> io::Result<()> {
        match self.poller.poll(&mut self.events, limit) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        for event in self.events.iter().filter(|event| event.token() != WAKER) {
            let source = lock(&self.reactor.sources).get_mut(event.token().0).cloned();
            // No lock is held any more: `report` calls wakers, which are not our code.
            let Some(source) = source else { continue };
            if event.is_readable() {
                source.read.report();
            }
            if event.is_writable() {
                source.write.report();
            }
        }
        Ok(())
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.reactor.clone()
    }
}

impl Unpark for Reactor {
    fn unpark(&self) {
        self.waker.wake().expect("waking the poller of our own process");
    }
}
// ANCHOR_END: reactor

// ANCHOR: direction
/// The two directions of a socket, as the reactor sees them.
#[derive(Default)]
struct Source {
    read: Direction,
    write: Direction,
}

/// As in rung 4, with a lock: an event may now come between any two lines of a task.
struct Direction {
    readiness: Mutex<Readiness>,
    slot: WakerSlot,
}

struct Readiness {
    ready: bool,
    tick: u64,
}

impl Default for Direction {
    fn default() -> Self {
        let readiness = Mutex::new(Readiness { ready: true, tick: 0 });
        Self { readiness, slot: WakerSlot::new() }
    }
}

impl Direction {
    fn poll_ready(&self, cx: &Context<'_>) -> Poll<u64> {
        if !lock(&self.readiness).ready {
            self.slot.register(cx.waker());
        }
        // Look again: the event may have come before the waker was there.
        let readiness = lock(&self.readiness);
        if readiness.ready { Poll::Ready(readiness.tick) } else { Poll::Pending }
    }

    fn clear(&self, tick: u64) {
        let mut readiness = lock(&self.readiness);
        if readiness.tick == tick {
            readiness.ready = false;
        }
    }

    fn report(&self) {
        {
            let mut readiness = lock(&self.readiness);
            readiness.ready = true;
            readiness.tick += 1;
        }
        self.slot.wake();
    }

    /// Calls until the socket would not block. In between, the task waits for an event.
    async fn call<R>(&self, mut call: impl FnMut() -> io::Result<R>) -> io::Result<R> {
        poll_fn(|cx| {
            loop {
                let tick = ready!(self.poll_ready(cx));
                match call() {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => self.clear(tick),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    result => return Poll::Ready(result),
                }
            }
        })
        .await
    }
}
// ANCHOR_END: direction

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing that panics runs under either lock")
}

async fn echo(stream: TcpStream, source: Arc<Source>) -> io::Result<()> {
    let mut buffer = [0; 64];
    loop {
        let n = source.read.call(|| (&stream).read(&mut buffer)).await?;
        if n == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..n];
        while !rest.is_empty() {
            rest = &rest[source.write.call(|| (&stream).write(rest)).await?..];
        }
    }
}

// ANCHOR: main
/// A task that does what none should: it blocks its thread.
async fn blocking_client(mut stream: net::TcpStream) -> io::Result<()> {
    for word in ["one", "two"] {
        let mut answer = [0; 3];
        stream.write_all(word.as_bytes())?;
        stream.read_exact(&mut answer)?;
        println!("client: sent {word}, received {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let poller = mio::Poll::new()?;
    let reactor = Arc::new(Reactor {
        registry: poller.registry().try_clone()?,
        waker: mio::Waker::new(poller.registry(), WAKER)?,
        sources: Mutex::default(),
    });
    let driver = Driver { poller, events: Events::with_capacity(8), reactor: reactor.clone() };
    let executor = Executor::builder().threads(2).park(driver).build();

    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let client = net::TcpStream::connect(listener.local_addr()?)?;
    let (stream, _) = listener.accept()?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    let source = Arc::new(Source::default());
    let token = lock(&reactor.sources).insert(source.clone());
    let both = Interest::READABLE | Interest::WRITABLE;
    reactor.registry.register(&mut stream, Token(token), both)?;

    let server = executor.spawn(echo(stream, source));
    let client = executor.spawn(blocking_client(client));
    executor.block_on(async {
        client.await.expect("it does not panic")?;
        println!("the client has blocked one thread, the server was polled on the other");
        server.await.expect("it does not panic")
    })
}
// ANCHOR_END: main
