//! Rung 4: cached readiness. In rung 3 each wait costs a call that returns `WouldBlock`. Here a
//! direction remembers that the last call has taken all there was, and makes no other call until an
//! event comes. That note must not erase an event that has come since the call, so it counts events.
//!
//! What it cannot do: run on a second thread. A task that computes keeps all sockets waiting.
//!
//! `cargo run -p async-tcp --example rung_4_cached_readiness`

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Token};
use waker::WakerSlot;

// ANCHOR: direction
/// One direction of a socket.
struct Direction {
    rule: Rule,
    /// Whether a call may succeed: until one has returned `WouldBlock`, and from the next event on.
    ready: Cell<bool>,
    /// Whether the end was reported. No event repeats it.
    closed: Cell<bool>,
    /// How many events have come.
    tick: Cell<u64>,
    slot: WakerSlot,
}

/// When the task makes a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// At each poll, as in rung 3.
    Always,
    /// If the direction is ready. A call that would block clears that.
    Cleared,
    /// The same, unless an event has come since the call.
    ClearedByTick,
}

impl Direction {
    fn report(&self, closed: bool) {
        self.ready.set(true);
        self.closed.set(self.closed.get() || closed);
        self.tick.set(self.tick.get() + 1);
        self.slot.wake();
    }

    fn clear(&self, tick: u64) {
        if self.rule != Rule::ClearedByTick || self.tick.get() == tick {
            self.ready.set(false);
        }
    }
}
// ANCHOR_END: direction

struct Socket {
    stream: TcpStream,
    read: Direction,
    /// How often a call has read something, and how often it would have blocked.
    calls: Cell<(u32, u32)>,
}

impl Socket {
    // ANCHOR: read
    /// Reads what there is, or waits. `between` runs after a call that would block, before the result
    /// is noted.
    async fn read(&self, buffer: &mut [u8], mut between: impl FnMut()) -> io::Result<usize> {
        let direction = &self.read;
        poll_fn(|cx| {
            if direction.rule == Rule::Always {
                direction.ready.set(true);
            }
            while direction.ready.get() {
                let tick = direction.tick.get();
                let (read, would_block) = self.calls.get();
                match (&self.stream).read(buffer) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        self.calls.set((read, would_block + 1));
                        between();
                        direction.clear(tick);
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Poll::Ready(Err(error)),
                    Ok(n) => {
                        self.calls.set((read + 1, would_block));
                        // Less than there was room for is all there was (epoll, kqueue): the next
                        // call would block. But not if the end was reported: no event repeats it.
                        if 0 < n && n < buffer.len() && !direction.closed.get() {
                            direction.clear(tick);
                        }
                        return Poll::Ready(Ok(n));
                    }
                }
            }
            direction.slot.register(cx.waker());
            Poll::Pending
        })
        .await
    }
    // ANCHOR_END: read
}

/// Waits for events, and reports them. Returns how many there were.
fn park(poller: &mut mio::Poll, socket: &Socket, limit: Option<Duration>) -> io::Result<usize> {
    let mut events = Events::with_capacity(8);
    match poller.poll(&mut events, limit) {
        Err(error) if error.kind() == ErrorKind::Interrupted => {}
        result => result?,
    }
    for event in events.iter().filter(|event| event.is_readable()) {
        socket.read.report(event.is_read_closed());
    }
    Ok(events.iter().count())
}

/// The two ends of a connection, one of which is in the poller.
fn connect(rule: Rule) -> io::Result<(net::TcpStream, Socket, mio::Poll)> {
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let peer = net::TcpStream::connect(listener.local_addr()?)?;
    let (stream, _) = listener.accept()?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    let poller = mio::Poll::new()?;
    poller.registry().register(&mut stream, Token(0), Interest::READABLE)?;
    let (ready, closed, tick) = (Cell::new(true), Cell::new(false), Cell::new(0));
    let read = Direction { rule, ready, closed, tick, slot: WakerSlot::new() };
    Ok((peer, Socket { stream, read, calls: Cell::default() }, poller))
}

// ANCHOR: count
/// A hundred words, each sent when the one before it was read.
fn count(rule: Rule) -> io::Result<()> {
    let (mut peer, socket, mut poller) = connect(rule)?;
    let mut cx = Context::from_waker(Waker::noop());
    let mut buffer = [0; 64];
    let mut reads = pin!(async { while socket.read(&mut buffer, || ()).await.is_ok() {} });
    assert!(reads.as_mut().poll(&mut cx).is_pending());
    for _ in 0..100 {
        peer.write_all(b"word")?;
        while park(&mut poller, &socket, None)? == 0 {}
        assert!(reads.as_mut().poll(&mut cx).is_pending());
    }
    let (read, would_block) = socket.calls.get();
    println!("{rule:?}: {read} calls have read a word, {would_block} would have blocked");
    Ok(())
}
// ANCHOR_END: count

// ANCHOR: between
/// A word that comes after the call has found nothing, and is reported before the result is noted.
fn between(rule: Rule) -> io::Result<()> {
    let (mut peer, socket, mut poller) = connect(rule)?;
    let mut words = ["word"].into_iter();
    let poll = pin!(socket.read(&mut [0; 64], || {
        for word in words.by_ref() {
            peer.write_all(word.as_bytes()).expect("the other end is open");
            while park(&mut poller, &socket, None).expect("the poller is ours") == 0 {}
        }
    }))
    .poll(&mut Context::from_waker(Waker::noop()));
    let events = park(&mut poller, &socket, Some(Duration::ZERO))?;
    match poll {
        Poll::Ready(read) => println!("{rule:?}: {} bytes read", read?),
        Poll::Pending => {
            let unread = socket.stream.peek(&mut [0; 64])?;
            println!("{rule:?}: pending, bytes to read: {unread}, events to come: {events}");
        }
    }
    Ok(())
}
// ANCHOR_END: between

fn main() -> io::Result<()> {
    count(Rule::Always)?;
    count(Rule::ClearedByTick)?;
    between(Rule::Cleared)?;
    between(Rule::ClearedByTick)
}
