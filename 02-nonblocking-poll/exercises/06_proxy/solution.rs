//! The capstone of stage 02: the proxy of stage 01, on one thread.
//!
//! For every client that connects to `listener`, connect to `upstream`, and carry bytes both
//! ways until both sides have finished. The two directions are independent: either side may
//! speak first, both may send at once, and one may finish while the other continues for an hour.
//! A side that has finished sending (a read returns 0) still reads.
//!
//! An error between one client and its upstream ends both their connections, and no other. No client
//! waits for another's upstream to answer, to read, or to send. While no side has anything to send, the
//! thread sleeps in `poll`. Where a side takes nothing, its sender is held back: no more bytes wait
//! here than `TURN` reads into `buffer` return.
//!
//! A reset ends a conversation at once. What was on its way may be lost with it, as the side that sent
//! the reset must expect (RFC 9293, 3.10.7.4).
//!
//! The errors of accept are treated as in `serve_all`: only `InvalidInput` ends the proxy. Where stage
//! 01 slept for 50 ms, set `accept_at`: the other conversations are served meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

/// How much one `read` takes at most.
const BUFFER: usize = 16 * 1024;

/// How many pieces one direction may carry before others get their turn.
const TURN: usize = 16;

/// How long not to accept when the system has no descriptor left.
const PAUSE: Duration = Duration::from_millis(50);

const LISTENER: Token = Token(usize::MAX);

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken, and those of the poller. Nothing else ends
/// the proxy.
pub fn proxy(listener: std::net::TcpListener, upstream: SocketAddr) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let (conversations, run_queue) = (BTreeMap::new(), BTreeSet::new());
    let buffer = vec![0; BUFFER].into();
    Proxy { poll, listener, accept_at: None, upstream, conversations, next: 0, run_queue, buffer }
        .run()
}

/// All that the thread knows.
struct Proxy {
    poll: Poll,
    listener: TcpListener,
    /// When to call accept although no event says so.
    accept_at: Option<Instant>,
    upstream: SocketAddr,
    /// By number. No number is given twice: an event for a conversation that is over finds nothing.
    conversations: BTreeMap<usize, Conversation>,
    /// The number of the next conversation.
    next: usize,
    /// Conversations that could continue when their turn was over. No event will come for them.
    run_queue: BTreeSet<usize>,
    /// Scratch space: what must be kept is in a `Direction`.
    buffer: Box<[u8]>,
}

/// The tokens of a conversation: its client's, and its upstream's.
fn tokens(number: usize) -> (Token, Token) {
    (Token(2 * number), Token(2 * number + 1))
}

impl Proxy {
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            self.wait(&mut events)?;
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    Token(token) => self.advance(token / 2),
                }
            }
            for number in mem::take(&mut self.run_queue) {
                self.advance(number);
            }
            if self.accept_at.is_some_and(|moment| moment <= Instant::now()) {
                self.accept()?;
            }
        }
    }

    /// Parks the thread until something is ready, or something is due without an event.
    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        let timeout = match self.accept_at {
            _ if !self.run_queue.is_empty() => Some(Duration::ZERO),
            Some(moment) => Some(moment.saturating_duration_since(Instant::now())),
            None => None,
        };
        match self.poll.poll(events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            result => result,
        }
    }

    /// Gives a conversation its turn. One that is over is dropped, which closes both its sockets, and
    /// no further event comes for them.
    fn advance(&mut self, number: usize) {
        let Some(conversation) = self.conversations.get_mut(&number) else { return };
        match conversation.advance(&mut self.buffer) {
            Ok(Pause::WouldBlock) => {}
            Ok(Pause::TurnOver) => drop(self.run_queue.insert(number)),
            Ok(Pause::Done) | Err(_) => drop(self.conversations.remove(&number)),
        }
    }

    /// Accepts until no client waits: an event of the listener says that clients wait, not how many,
    /// and is not repeated. After an error that concerns all, no event says when to try again.
    ///
    /// # Errors
    /// `InvalidInput`.
    // ANCHOR: proxy
    fn accept(&mut self) -> io::Result<()> {
        self.accept_at = None;
        loop {
            match self.listener.accept() {
                Ok((client, _)) => {
                    // Its error has ended this client by dropping it, and concerns no other.
                    let _ = self.connect(client);
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::ConnectionReset => {}
                    ErrorKind::WouldBlock => return Ok(()),
                    ErrorKind::InvalidInput => return Err(error),
                    _ => {
                        self.accept_at = Some(Instant::now() + PAUSE);
                        return Ok(());
                    }
                },
            }
        }
    }

    /// Begins a conversation: connects to the upstream without waiting for its answer, and asks to
    /// be told of both sides.
    ///
    /// # Errors
    /// There can be no such conversation. Nothing is left of it.
    fn connect(&mut self, mut client: TcpStream) -> io::Result<()> {
        let mut upstream = TcpStream::connect(self.upstream)?;
        let number = self.next;
        self.next += 1;
        // Each side is read in one direction and written in the other. Events come when a side
        // becomes ready, so asking for both from the beginning costs nothing while it is not.
        let both = Interest::READABLE | Interest::WRITABLE;
        let (token, upstream_token) = tokens(number);
        self.poll.registry().register(&mut client, token, both)?;
        self.poll.registry().register(&mut upstream, upstream_token, both)?;
        self.conversations.insert(number, Conversation::new(client, upstream));
        Ok(())
    }
}

/// Why a conversation, or one direction of it, stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum Pause {
    /// It cannot continue until a socket has become readable or writable.
    WouldBlock,
    /// It could continue at once, but has had its turn.
    TurnOver,
    /// It is over.
    Done,
}

/// A client and its upstream. Both are registered.
pub struct Conversation {
    client: TcpStream,
    upstream: TcpStream,
    /// Whether the upstream has answered our connect.
    connected: bool,
    /// From the client to the upstream.
    up: Direction,
    /// From the upstream to the client.
    down: Direction,
}

impl Conversation {
    /// The beginning of a conversation.
    pub fn new(client: TcpStream, upstream: TcpStream) -> Self {
        let (up, down) = (Direction::default(), Direction::default());
        Self { client, upstream, connected: false, up, down }
    }

    /// One turn for each direction. Called when one of the sides was reported. The report may no longer
    /// be true, and it may be about either direction.
    ///
    /// # Errors
    /// One side has gone, or could not be connected. The conversation is over.
    pub fn advance(&mut self, buffer: &mut [u8]) -> io::Result<Pause> {
        self.connected = self.connected || is_connected(&self.upstream)?;
        if !self.connected {
            // A client that waits may reset.
            working(&self.client)?;
            return Ok(Pause::WouldBlock);
        }
        let up = self.up.carry(&self.client, &self.upstream, buffer)?;
        let down = self.down.carry(&self.upstream, &self.client, buffer)?;
        match (up, down) {
            (Pause::Done, Pause::Done) => return Ok(Pause::Done),
            (Pause::TurnOver, _) | (_, Pause::TurnOver) => return Ok(Pause::TurnOver),
            _ => {}
        }
        // A side may be gone that is neither read nor written for now: nobody else would notice.
        working(&self.client)?;
        working(&self.upstream)?;
        Ok(Pause::WouldBlock)
    }
}

/// One direction of a conversation.
#[derive(Default)]
pub struct Direction {
    state: State,
    /// What was read from the sender and not yet written to the receiver.
    outbox: Vec<u8>,
}

/// Where a direction is.
#[derive(Default)]
enum State {
    /// The sender may send more.
    #[default]
    Carrying,
    /// The sender has sent its last byte. The receiver gets what is left, and then the end.
    Draining,
    /// The end was passed on to the receiver.
    Ended,
}

impl Direction {
    /// Carries bytes until a socket would block, the turn is over, or the end was passed on to the
    /// receiver.
    ///
    /// # Errors
    /// Whatever read(2), write(2) and shutdown(2) report.
    pub fn carry(
        &mut self,
        mut from: &TcpStream,
        mut to: &TcpStream,
        buffer: &mut [u8],
    ) -> io::Result<Pause> {
        for _ in 0..TURN {
            while !self.outbox.is_empty() {
                match to.write(&self.outbox) {
                    Ok(0) => return Err(ErrorKind::WriteZero.into()),
                    Ok(n) => drop(self.outbox.drain(..n)),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    // Nothing is read meanwhile: the sender is held back, and one piece is all that
                    // we keep.
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        return Ok(Pause::WouldBlock);
                    }
                    Err(error) => return Err(error),
                }
            }
            match self.state {
                State::Carrying => match from.read(buffer) {
                    Ok(0) => self.state = State::Draining,
                    Ok(n) => self.outbox.extend_from_slice(&buffer[..n]),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        return Ok(Pause::WouldBlock);
                    }
                    Err(error) => return Err(error),
                },
                State::Draining => {
                    // The receiver may continue to send: only this direction ends.
                    to.shutdown(Shutdown::Write)?;
                    self.state = State::Ended;
                }
                State::Ended => return Ok(Pause::Done),
            }
        }
        Ok(Pause::TurnOver)
    }
}

/// Whether a connect has come to its end. A socket that becomes writable says no more than that it
/// is worth asking.
///
/// # Errors
/// It has failed.
fn is_connected(stream: &TcpStream) -> io::Result<bool> {
    working(stream)?;
    match stream.peer_addr() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads back an error that no other call has reported.
fn working(stream: &TcpStream) -> io::Result<()> {
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
// ANCHOR_END: proxy
