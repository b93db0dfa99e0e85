//! Waits for all sockets at once, and gives turns to the connections that an event has woken.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{io, mem};

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use tracing::{debug, info, trace, warn};

use crate::accept::{ACCEPT_BACKOFF, Verdict, verdict};
use crate::connection::{Connection, Turn};
use crate::park::park;
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
    /// When to call accept(2): at this moment, or as soon after it as there is room. None: when the
    /// listener is reported as readable.
    accept_at: Option<Instant>,
    /// Whether we have logged that there is no descriptor, and clients still wait.
    pausing: bool,
    max_connections: usize,
    connections: Slab<Connection<TcpStream>>,
    /// Keys of the connections that can continue. Each is here at most once. A connection gets a turn
    /// only from here.
    run_queue: VecDeque<usize>,
    buffer: Box<[u8]>,
}
// ANCHOR_END: event_loop

impl EventLoop {
    /// A server for the clients of `listener`, up to `max_connections` at once.
    ///
    /// # Errors
    /// The system has no poller for us, or cannot watch the listener.
    pub fn new(listener: std::net::TcpListener, max_connections: usize) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let poller = Poll::new()?;
        poller.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            waker: Arc::new(Waker::new(poller.registry(), WAKER)?),
            poller,
            listener: Some(listener),
            accept_at: None,
            pausing: false,
            max_connections,
            connections: Slab::new(),
            run_queue: VecDeque::new(),
            buffer: vec![0; BUFFER].into(),
        })
    }

    /// What ends this server, from any thread. After [`Waker::wake`] it accepts no client, serves its
    /// connections to their end, and returns from [`run`](Self::run).
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
                    // A pause stays: the next accept would fail like the last one.
                    LISTENER => self.accept_at = self.accept_at.or(Some(Instant::now())),
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
    // ANCHOR_END: run

    // ANCHOR: park
    /// Parks the thread until something is ready, or it is time to accept.
    fn park(&mut self, events: &mut Events) -> io::Result<()> {
        let timeout = match self.accept_at {
            _ if !self.run_queue.is_empty() => Some(Duration::ZERO),
            Some(moment) if self.connections.len() < self.max_connections => {
                Some(moment.saturating_duration_since(Instant::now()))
            }
            _ => None,
        };
        park(&mut self.poller, events, timeout)
    }
    // ANCHOR_END: park

    // ANCHOR: wake
    /// Puts a connection into the run queue. What was reported may no longer be true: the
    /// connection may have ended, or there is nothing to read after all.
    fn wake(&mut self, key: usize, event: &Event) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let (readable, writable) = (event.is_readable(), event.is_writable());
        trace!(connection = %connection.peer, readable, writable, "woken");
        connection.end_is_here |= event.is_read_closed();
        if !mem::replace(&mut connection.queued, true) {
            self.run_queue.push_back(key);
        }
    }
    // ANCHOR_END: wake

    // ANCHOR: turn
    /// Gives a connection of the run queue its turn.
    fn turn(&mut self, key: usize) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let peer = connection.peer;
        trace!(connection = %peer, "turn");
        let turn = connection.advance(&mut self.buffer);
        connection.queued = matches!(turn, Ok(Turn::Over));
        match turn {
            Ok(Turn::Pending) => return trace!(connection = %peer, "waits"),
            // No event will come: what it could read was reported before.
            Ok(Turn::Over) => return self.run_queue.push_back(key),
            Ok(Turn::Done) => debug!(connection = %peer, "ended"),
            Err(error) => warn!(%peer, %error, "connection failed"),
        }
        if let Some(mut connection) = self.connections.remove(key) {
            // If it fails: closing the socket, which comes next, takes it out as well.
            let _ = self.poller.registry().deregister(&mut connection.stream);
        }
    }
    // ANCHOR_END: turn

    // ANCHOR: accept
    /// Accepts, if it is time to, until no client waits or there is no room. An event of the listener
    /// says that clients wait, not how many, and is not repeated.
    fn accept(&mut self) -> io::Result<()> {
        while let (Some(listener), Some(moment)) = (&self.listener, self.accept_at)
            && self.connections.len() < self.max_connections
            && moment <= Instant::now()
        {
            match listener.accept() {
                Ok((stream, peer)) => self.register(stream, peer),
                Err(error) => match verdict(&error) {
                    Verdict::Retry => {}
                    Verdict::WouldBlock => (self.accept_at, self.pausing) = (None, false),
                    Verdict::Pause => {
                        self.accept_at = Some(Instant::now() + ACCEPT_BACKOFF);
                        // Once for each wait: twenty lines a second would fill a disk.
                        if !mem::replace(&mut self.pausing, true) {
                            warn!(%error, "not accepting for now");
                        }
                    }
                    Verdict::Stop => return Err(error),
                },
            }
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
        self.accept_at = None;
        if self.listener.take().is_some() {
            info!(open = self.connections.len(), "shutting down once these connections have ended");
        }
    }
    // ANCHOR_END: stop_accepting
}
