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
//!
//! The loop is given, and so is `Proxy::advance`, which calls your code at every event. Your task:
//! `accept` and `connect`; `Conversation::advance`; `Direction::carry`. Add the fields that you need. The
//! tests make conversations and directions of their own, so do not change the public signatures.
//!
//! Read first: the book, "A connection is a state machine".
//! Check with `cargo workshop check 02/proxy`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

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
    fn accept(&mut self) -> io::Result<()> {
        todo!("accept until no client waits, and begin a conversation with each")
    }

    /// Begins a conversation: connects to the upstream without waiting for its answer, and registers
    /// both sides, with the tokens of its number.
    ///
    /// # Errors
    /// The conversation could not begin. Nothing is left of it.
    fn connect(&mut self, client: TcpStream) -> io::Result<()> {
        todo!("connect to the upstream, register both sides, and keep the conversation")
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
        todo!("nothing before the upstream has answered; then a turn for each direction")
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
        from: &TcpStream,
        to: &TcpStream,
        buffer: &mut [u8],
    ) -> io::Result<Pause> {
        todo!("write what waits, then read more, up to TURN times")
    }
}
