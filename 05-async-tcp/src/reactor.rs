//! Waits for all sockets at once, and wakes the tasks that wait for one.

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;
use std::time::Duration;

use executor::contain::contain;
use mio::event::{self, Event};
use mio::{Events, Interest, Poll, Registry, Token};
use tracing::{trace, warn};

use crate::direction::{Direction, shut_down};
use crate::slab::Slab;

/// How many events one call of the poller may return. More come with the next call.
const EVENTS: usize = 256;

/// The slab gives no such key: it would be the last generation of its last slot.
const WAKER: Token = Token(usize::MAX);

// ANCHOR: reactor
/// What all threads share of the reactor: where sockets are registered.
#[derive(Debug)]
pub struct Reactor {
    registry: Registry,
    /// Ends a wait. It lives as long as the poller, so that no wake is lost.
    waker: mio::Waker,
    sources: Mutex<Sources>,
}

#[derive(Debug)]
struct Sources {
    registered: Slab<Arc<Source>>,
    /// Whether the reactor has shut down.
    closed: bool,
}

/// A registered socket, as events and tasks see it: its two directions.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) key: usize,
    pub(crate) read: Direction,
    pub(crate) write: Direction,
}

/// The half that waits. One thread at a time uses it.
#[derive(Debug)]
pub struct Poller {
    poller: Poll,
    events: Events,
    /// The wakers that are to be woken. Empty between two waits; kept for its allocation.
    woken: Vec<Waker>,
}
// ANCHOR_END: reactor

impl Reactor {
    /// A reactor without sockets, and the half that waits.
    ///
    /// # Errors
    /// The system cannot make a poller.
    pub fn new() -> io::Result<(Self, Poller)> {
        let poller = Poll::new()?;
        let reactor = Self {
            registry: poller.registry().try_clone()?,
            waker: mio::Waker::new(poller.registry(), WAKER)?,
            sources: Mutex::new(Sources { registered: Slab::new(), closed: false }),
        };
        let events = Events::with_capacity(EVENTS);
        Ok((reactor, Poller { poller, events, woken: Vec::new() }))
    }

    /// Ends the wait of the poller, or the next one if it does not wait.
    pub fn unpark(&self) {
        if let Err(error) = self.waker.wake() {
            warn!(%error, "the poller could not be woken");
        }
    }

    /// How many sockets are registered.
    pub fn len(&self) -> usize {
        self.lock().registered.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    // ANCHOR: register
    /// Asks for the events of a socket, once and for both directions.
    ///
    /// # Errors
    /// Those of the poller; and that the reactor has shut down.
    pub(crate) fn register(&self, socket: &mut impl event::Source) -> io::Result<Arc<Source>> {
        let source = {
            let mut sources = self.lock();
            if sources.closed {
                return Err(shut_down());
            }
            let key = sources.registered.vacant_key();
            let (read, write) = (Direction::new(), Direction::new());
            let source = Arc::new(Source { key, read, write });
            sources.registered.insert(source.clone());
            source
        };
        let both = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.registry.register(socket, Token(source.key), both) {
            self.free(source.key);
            return Err(error);
        }
        trace!(source = source.key, "registered");
        Ok(source)
    }
    // ANCHOR_END: register

    /// Asks for no more events of a socket. An event that was reported already may still be delivered.
    pub(crate) fn deregister(&self, socket: &mut impl event::Source) {
        // If it fails: closing the socket, which comes next, deregisters it as well.
        let _ = self.registry.deregister(socket);
    }

    /// Frees the slot of a socket that is closed. An event that is still on its way finds nothing.
    pub(crate) fn free(&self, key: usize) {
        let source = self.lock().registered.remove(key);
        // Dropped without the lock: if this is the last reference, wakers are dropped with it.
        drop(source);
    }

    /// Shuts down: a task that waits for a socket gets an error, and so does one that registers one.
    pub(crate) fn close(&self) {
        let mut woken = Vec::new();
        let mut abandoned = Vec::new();
        {
            let mut sources = self.lock();
            sources.closed = true;
            sources.registered.drain_into(&mut abandoned);
        }
        for source in &abandoned {
            source.read.abandon(&mut woken);
            source.write.abandon(&mut woken);
        }
        wake_all(&mut woken);
    }

    fn lock(&self) -> MutexGuard<'_, Sources> {
        self.sources.lock().expect("reactor lock: nothing that panics runs while it is held")
    }
}

impl Poller {
    // ANCHOR: park
    /// Waits until something is ready or the time is up, and wakes the tasks that wait for it.
    /// Without a limit, until something is ready.
    ///
    /// # Errors
    /// Those of the poller, except `Interrupted`: a signal, or `fg` after Ctrl-Z, ends the wait early.
    pub fn park(&mut self, reactor: &Reactor, limit: Option<Duration>) -> io::Result<()> {
        match self.poller.poll(&mut self.events, limit) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        self.deliver(reactor);
        Ok(())
    }
    // ANCHOR_END: park

    // ANCHOR: deliver
    /// Wakes the tasks that the events are for.
    fn deliver(&mut self, reactor: &Reactor) {
        {
            // One lock for all events. No task is woken under it.
            let mut sources = reactor.lock();
            for event in self.events.iter().filter(|event| event.token() != WAKER) {
                if let Some(source) = sources.registered.get_mut(event.token().0) {
                    source.report(event, &mut self.woken);
                }
            }
        }
        wake_all(&mut self.woken);
    }
    // ANCHOR_END: deliver
}

impl Source {
    // ANCHOR: report
    /// An error ends both directions, whatever else the event reports: the next call returns it.
    fn report(&self, event: &Event, woken: &mut Vec<Waker>) {
        let error = event.is_error();
        let (readable, writable) = (event.is_readable(), event.is_writable());
        trace!(source = self.key, readable, writable, "reported");
        if readable || event.is_read_closed() || error {
            self.read.report(event.is_read_closed() || error, woken);
        }
        if writable || event.is_write_closed() || error {
            self.write.report(event.is_write_closed() || error, woken);
        }
    }
    // ANCHOR_END: report
}

fn wake_all(woken: &mut Vec<Waker>) {
    for waker in woken.drain(..) {
        // If one panics, the others must still be woken.
        contain("a socket's waker", || waker.wake());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::task::Context;

    use mio::net::TcpStream as Socket;
    use testkit::{CountingWaker, HookWaker, assert_pending};

    use super::*;
    use crate::blocking::Pool;
    use crate::direction::Place;
    use crate::io::Io;
    use crate::runtime::Shared;

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (socket, _) = listener.accept().unwrap();
        socket.set_nonblocking(true).unwrap();
        (socket, peer)
    }

    /// A socket that is not ready to be read, and its peer.
    fn idle(reactor: &Reactor) -> (Socket, Arc<Source>, TcpStream) {
        let (socket, peer) = pair();
        let mut socket = Socket::from_std(socket);
        let source = reactor.register(&mut socket).unwrap();
        source.read.clear(0);
        (socket, source, peer)
    }

    fn wait(source: &Source, waker: &Waker) {
        assert_pending!(source.read.poll_ready(Place::Own, &Context::from_waker(waker)));
    }

    #[test]
    fn an_event_of_a_closed_socket_does_not_reach_the_next_one_in_its_slot() {
        let _guard = testkit::patient_watchdog("no event came for a socket that had bytes");
        let (reactor, mut poller) = Reactor::new().unwrap();
        let (mut old, source, mut peer) = idle(&reactor);
        // The first event is that it is writable.
        poller.park(&reactor, None).unwrap();
        peer.write_all(b"!").unwrap();
        poller.poller.poll(&mut poller.events, None).unwrap();
        // Another thread comes between, before the event is delivered.
        reactor.deregister(&mut old);
        drop(old);
        reactor.free(source.key);
        let (_new, next, _peer) = idle(&reactor);
        let low_half = usize::MAX >> (usize::BITS / 2);
        assert_eq!(source.key & low_half, next.key & low_half, "the slot is used again");
        let (counter, waker) = CountingWaker::new();
        wait(&next, &waker);
        poller.deliver(&reactor);
        assert_eq!(counter.wakes(), 0, "the event was for the socket that is closed");
        wait(&next, &waker);
    }

    #[test]
    fn a_waker_that_panics_loses_no_other_wake() {
        let _guard = testkit::patient_watchdog("no event came for a socket that had bytes");
        let (reactor, mut poller) = Reactor::new().unwrap();
        let sockets: [_; 3] = std::array::from_fn(|_| idle(&reactor));
        while poller.park(&reactor, Some(Duration::ZERO)).is_ok() && !poller.events.is_empty() {}
        let (counter, waker) = CountingWaker::new();
        let hook = HookWaker::new(Waker::noop()).on_wake(|| panic!("on purpose"));
        let panics = hook.waker();
        let wakers = [&waker, &panics, &waker];
        for ((_, source, peer), waker) in sockets.iter().zip(wakers) {
            source.read.clear(0);
            wait(source, waker);
            (&*peer).write_all(b"!").unwrap();
        }
        while counter.wakes() < 2 {
            poller.park(&reactor, None).unwrap();
        }
        assert_eq!(counter.live(), 1);
    }

    #[test]
    fn a_dropped_socket_is_not_reported_although_its_descriptor_lives_on() {
        let (reactor, mut poller) = Reactor::new().unwrap();
        let shared = Arc::new(Shared { reactor, pool: Pool::new(1, Duration::ZERO) });
        let (socket, mut peer) = pair();
        let _lives_on = socket.try_clone().unwrap();
        drop(Io::new(Socket::from_std(socket), shared.clone()).unwrap());
        peer.write_all(b"!").unwrap();
        poller.park(&shared.reactor, Some(Duration::ZERO)).unwrap();
        assert!(poller.events.is_empty(), "each event would end a sleep, and wake nobody");
    }
}
