//! Waits for all sockets at once, and lets those go on that can.

use std::io::{self, ErrorKind};
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use tracing::{debug, trace, warn};

use crate::accept::{PAUSE, Verdict, verdict};
use crate::connection::{Connection, Stopped};
use crate::slab::Slab;

/// How much one `read` takes at most. There is one such buffer, whatever the number of connections.
const BUFFER: usize = 16 * 1024;

/// How many events one call of `poll` may bring. More come with the next call.
const EVENTS: usize = 256;

/// The slab gives no such tokens: they would be the last generation of its last slots.
const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

// ANCHOR: event_loop
/// An echo server on one thread.
pub struct EventLoop {
    poll: Poll,
    /// What ends this server. It lives as long as the poller, so that no wake is lost.
    waker: Arc<Waker>,
    /// None once the server is shutting down.
    listener: Option<TcpListener>,
    accepting: Accepting,
    max_connections: usize,
    connections: Slab<Connection<TcpStream>>,
    /// Connections that could go on, and whose turn was over. Each is here at most once. No event
    /// will come for them: what they could read has been reported already.
    run_queue: Vec<Token>,
    buffer: Box<[u8]>,
}

/// Whether to call accept(2).
enum Accepting {
    /// When the listener is reported as readable.
    WhenReady,
    /// As soon as a connection ends: some clients wait, have been reported, and there was no room.
    WhenOneLeaves,
    /// At this moment, or as soon as a connection ends: the system had no descriptor left.
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
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            waker: Arc::new(Waker::new(poll.registry(), WAKER)?),
            poll,
            listener: Some(listener),
            accepting: Accepting::WhenReady,
            max_connections,
            connections: Slab::new(),
            run_queue: Vec::new(),
            buffer: vec![0; BUFFER].into(),
        })
    }

    /// What ends this server from any thread, or from a signal: [`Waker::wake`] has it accept nobody
    /// any more, serve its connections to their end, and return from [`run`](Self::run).
    pub fn shutdown_waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    // ANCHOR: run
    /// Serves until it is told to stop and the last connection has ended.
    ///
    /// # Errors
    /// Those of the poller, and those of accept(2) that no later call could repair.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        while self.listener.is_some() || !self.connections.is_empty() {
            self.wait(&mut events)?;
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    WAKER => self.stop_accepting(),
                    token => self.ready(token, event)?,
                }
            }
            // One turn each: who has more to do is queued anew, behind the next events.
            for token in mem::take(&mut self.run_queue) {
                if let Some(connection) = self.connections.get_mut(token) {
                    connection.queued = false;
                    self.advance(token)?;
                }
            }
            if let Accepting::NotBefore(moment) = self.accepting
                && moment <= Instant::now()
            {
                self.accept()?;
            }
        }
        Ok(())
    }

    /// Parks the thread until something is ready, or it is time to accept.
    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        let timeout = match self.accepting {
            _ if !self.run_queue.is_empty() => Some(Duration::ZERO),
            Accepting::NotBefore(moment) => Some(moment.saturating_duration_since(Instant::now())),
            Accepting::WhenReady | Accepting::WhenOneLeaves => None,
        };
        if timeout != Some(Duration::ZERO) {
            trace!("parks");
        }
        match self.poll.poll(events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => result?,
        }
        trace!(events = events.iter().count(), "unparked");
        Ok(())
    }
    // ANCHOR_END: run

    // ANCHOR: ready
    /// Something was reported of a connection. It need not be true any more: the connection may be
    /// gone, and another one in its place; or there is nothing to read after all.
    fn ready(&mut self, token: Token, event: &Event) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(token) else {
            trace!(?token, "an event for a connection that has ended");
            return Ok(());
        };
        trace!(
            connection = %connection.peer(),
            readable = event.is_readable(),
            writable = event.is_writable(),
            "ready"
        );
        connection.reported(event.is_writable(), event.is_read_closed());
        // Who is in the run queue has its turn there.
        if connection.queued { Ok(()) } else { self.advance(token) }
    }

    /// Lets a connection go on as far as it can.
    fn advance(&mut self, token: Token) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(token) else { return Ok(()) };
        match connection.advance(&mut self.buffer) {
            Ok(Stopped::WouldBlock) => {
                trace!(connection = %connection.peer(), "waits");
                return Ok(());
            }
            Ok(Stopped::TurnOver) => {
                if !mem::replace(&mut connection.queued, true) {
                    self.run_queue.push(token);
                }
                return Ok(());
            }
            Ok(Stopped::Done) => debug!(connection = %connection.peer(), "ended"),
            Err(error) => warn!(peer = %connection.peer(), %error, "connection failed"),
        }
        self.end(token)
    }
    // ANCHOR_END: ready

    /// Forgets a connection, and lets in who waits for its place.
    fn end(&mut self, token: Token) -> io::Result<()> {
        if let Some(mut connection) = self.connections.remove(token)
            && let Err(error) = self.poll.registry().deregister(&mut connection.stream)
        {
            // Closing the socket, which comes next, takes it out as well.
            warn!(peer = %connection.peer(), %error, "deregistering");
        }
        match self.accepting {
            Accepting::WhenReady => Ok(()),
            Accepting::WhenOneLeaves | Accepting::NotBefore(_) => self.accept(),
        }
    }

    // ANCHOR: accept
    /// Accepts until nobody waits, or nobody can be let in. An event of the listener says that
    /// clients wait, not how many, and is not repeated.
    fn accept(&mut self) -> io::Result<()> {
        loop {
            let Some(listener) = &self.listener else { return Ok(()) };
            if self.connections.len() >= self.max_connections {
                self.accepting = Accepting::WhenOneLeaves;
                return Ok(());
            }
            let error = match listener.accept() {
                Ok((stream, peer)) => {
                    self.register(stream, peer);
                    continue;
                }
                Err(error) => error,
            };
            match verdict(&error) {
                Verdict::Retry => {}
                Verdict::WouldBlock => {
                    self.accepting = Accepting::WhenReady;
                    return Ok(());
                }
                Verdict::Pause => {
                    // Once for each wait: twenty complaints a second would fill a disk.
                    if !matches!(self.accepting, Accepting::NotBefore(_)) {
                        warn!(%error, "not accepting for now");
                    }
                    self.accepting = Accepting::NotBefore(Instant::now() + PAUSE);
                    return Ok(());
                }
                Verdict::Stop => return Err(error),
            }
        }
    }
    // ANCHOR_END: accept

    // ANCHOR: register
    /// Asks to be told of this connection, once and for both directions.
    fn register(&mut self, stream: TcpStream, peer: SocketAddr) {
        let token = self.connections.insert(Connection::new(stream, peer));
        let connection = self.connections.get_mut(token).expect("it was put there just now");
        let both = Interest::READABLE | Interest::WRITABLE;
        match self.poll.registry().register(&mut connection.stream, token, both) {
            Ok(()) => debug!(connection = %peer, "registered"),
            // It costs one client, not the server.
            Err(error) => {
                warn!(%peer, %error, "this connection cannot be waited for");
                self.connections.remove(token);
            }
        }
    }
    // ANCHOR_END: register

    // ANCHOR: stop_accepting
    /// Closes the listener. Who has connected and was not accepted is reset by the system.
    fn stop_accepting(&mut self) {
        if self.listener.take().is_some() {
            debug!(open = self.connections.len(), "shutting down");
        }
        self.accepting = Accepting::WhenReady;
    }
    // ANCHOR_END: stop_accepting
}
