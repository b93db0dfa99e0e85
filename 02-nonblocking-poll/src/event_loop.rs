//! Waits for all sockets at once, and gives turns to the connections that an event has woken.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use tracing::{debug, info, trace, warn};

use crate::accept::{ACCEPT_BACKOFF, Verdict, verdict};
use crate::connection::{Connection, Turn};
use crate::park;
use crate::slab::Slab;

/// How much one `read` takes at most. There is one such buffer, whatever the number of connections.
const BUFFER: usize = 16 * 1024;

/// How many events one call of the poller may return. More come with the next call.
const EVENTS: usize = 256;

/// The slab gives no such keys: they would be the last generation of its last slots.
const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

// ANCHOR: event_loop
/// An echo server on one thread.
pub struct EventLoop {
    poller: Poll,
    /// What ends this server. It lives as long as the poller, so that no wake is lost.
    waker: Arc<Waker>,
    /// None once the server is shutting down.
    listener: Option<TcpListener>,
    accepting: Accepting,
    max_connections: usize,
    connections: Slab<Connection<TcpStream>>,
    /// Keys of the connections that could go on. Each is here at most once. Only from here does a
    /// connection get a turn.
    run_queue: VecDeque<usize>,
    buffer: Box<[u8]>,
}

/// When to call accept(2).
enum Accepting {
    /// When the listener is reported as readable.
    WhenReady,
    /// As soon as there is room: clients have been reported, and may still wait.
    WhenRoom,
    /// At this moment: the system had no descriptor left.
    NotBefore(Instant),
}
// ANCHOR_END: event_loop

impl EventLoop {
    /// A server for the clients of `listener`, up to `max_connections` at once.
    ///
    /// # Errors
    /// The system has no poller for us, or does not take the listener.
    pub fn new(listener: std::net::TcpListener, max_connections: usize) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let poller = Poll::new()?;
        poller.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            waker: Arc::new(Waker::new(poller.registry(), WAKER)?),
            poller,
            listener: Some(listener),
            accepting: Accepting::WhenReady,
            max_connections,
            connections: Slab::new(),
            run_queue: VecDeque::new(),
            buffer: vec![0; BUFFER].into(),
        })
    }

    /// What ends this server from any thread, or from a signal. After [`Waker::wake`] it accepts no
    /// client, serves its connections to their end, and returns from [`run`](Self::run).
    pub fn shutdown_waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    // ANCHOR: run
    /// Serves until it is woken to stop and the last connection has ended.
    ///
    /// # Errors
    /// Those of the poller, and those of accept(2) that no later call could repair.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        while self.listener.is_some() || !self.connections.is_empty() {
            self.park(&mut events)?;
            for event in &events {
                match event.token() {
                    LISTENER => self.wake_listener(),
                    WAKER => self.stop_accepting(),
                    Token(key) => self.wake(key, event),
                }
            }
            // One turn each: what is queued again meanwhile waits behind the next events.
            for _ in 0..self.run_queue.len() {
                let key = self.run_queue.pop_front().expect("only this loop takes keys out");
                self.turn(key);
            }
            self.accept()?;
        }
        Ok(())
    }

    /// Parks the thread until something is ready, or it is time to accept.
    fn park(&mut self, events: &mut Events) -> io::Result<()> {
        let timeout = match self.accepting {
            _ if !self.run_queue.is_empty() => Some(Duration::ZERO),
            Accepting::NotBefore(moment) => Some(moment.saturating_duration_since(Instant::now())),
            Accepting::WhenReady | Accepting::WhenRoom => None,
        };
        if timeout != Some(Duration::ZERO) {
            trace!("parks");
        }
        park::park(&mut self.poller, events, timeout)?;
        trace!(events = events.iter().count(), "unparked");
        Ok(())
    }
    // ANCHOR_END: run

    // ANCHOR: wake
    /// Puts a connection into the run queue. What was reported need not be true any more: the
    /// connection may have ended, or there is nothing to read after all.
    fn wake(&mut self, key: usize, event: &Event) {
        let Some(connection) = self.connections.get_mut(key) else {
            trace!(key, "an event for a connection that has ended");
            return;
        };
        trace!(
            connection = %connection.peer(),
            readable = event.is_readable(),
            writable = event.is_writable(),
            "woken"
        );
        connection.end_is_here |= event.is_read_closed();
        if !mem::replace(&mut connection.queued, true) {
            self.run_queue.push_back(key);
        }
    }
    // ANCHOR_END: wake

    // ANCHOR: turn
    /// Lets a connection of the run queue go on as far as it can.
    fn turn(&mut self, key: usize) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let peer = connection.peer();
        trace!(connection = %peer, "turn");
        connection.queued = false;
        match connection.advance(&mut self.buffer) {
            Ok(Turn::Pending) => return trace!(connection = %peer, "waits"),
            Ok(Turn::Over) => {
                // No event will come: what it could read has been reported already.
                connection.queued = true;
                return self.run_queue.push_back(key);
            }
            Ok(Turn::Done) => debug!(connection = %peer, "ended"),
            Err(error) => warn!(%peer, %error, "connection failed"),
        }
        if let Some(mut connection) = self.connections.remove(key)
            && let Err(error) = self.poller.registry().deregister(&mut connection.stream)
        {
            // Closing the socket, which comes next, takes it out as well.
            warn!(%peer, %error, "deregistering");
        }
    }
    // ANCHOR_END: turn

    /// An event of the listener. It ends no pause: the client would be refused like those before.
    fn wake_listener(&mut self) {
        if matches!(self.accepting, Accepting::WhenReady) {
            self.accepting = Accepting::WhenRoom;
        }
    }

    // ANCHOR: accept
    /// Accepts, if it is time to, until no client waits or there is no room. An event of the listener
    /// says that clients wait, not how many, and is not repeated.
    fn accept(&mut self) -> io::Result<()> {
        let pausing = match self.accepting {
            Accepting::WhenReady => return Ok(()),
            Accepting::WhenRoom => false,
            Accepting::NotBefore(moment) if Instant::now() < moment => return Ok(()),
            Accepting::NotBefore(_) => true,
        };
        while let Some(listener) = &self.listener
            && self.connections.len() < self.max_connections
        {
            let error = match listener.accept() {
                Ok((stream, peer)) => {
                    self.accepting = Accepting::WhenRoom;
                    self.register(stream, peer);
                    continue;
                }
                Err(error) => error,
            };
            match verdict(&error) {
                Verdict::Retry => continue,
                Verdict::WouldBlock => self.accepting = Accepting::WhenReady,
                Verdict::Pause => {
                    // Once for each wait: twenty complaints a second would fill a disk.
                    if !pausing {
                        warn!(%error, "not accepting for now");
                    }
                    self.accepting = Accepting::NotBefore(Instant::now() + ACCEPT_BACKOFF);
                }
                Verdict::Stop => return Err(error),
            }
            break;
        }
        Ok(())
    }
    // ANCHOR_END: accept

    // ANCHOR: register
    /// Asks for the events of this connection, once and for both directions.
    fn register(&mut self, mut stream: TcpStream, peer: SocketAddr) {
        let key = self.connections.vacant_key();
        let both = Interest::READABLE | Interest::WRITABLE;
        match self.poller.registry().register(&mut stream, Token(key), both) {
            Ok(()) => {
                debug!(connection = %peer, "registered");
                self.connections.insert(Connection::new(stream, peer));
            }
            // It costs one client, not the server.
            Err(error) => warn!(%peer, %error, "this connection cannot be waited for"),
        }
    }
    // ANCHOR_END: register

    // ANCHOR: stop_accepting
    /// Closes the listener. The system resets the clients that have connected and were not accepted.
    fn stop_accepting(&mut self) {
        if self.listener.take().is_some() {
            info!(open = self.connections.len(), "shutting down once these connections have ended");
        }
        self.accepting = Accepting::WhenReady;
    }
    // ANCHOR_END: stop_accepting
}
