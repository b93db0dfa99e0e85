//! The capstone of stage 02: the proxy of stage 01, on one thread.
//!
//! For every client that connects to `listener`, connect to `upstream`, and carry bytes both
//! ways until both sides have finished. The two directions are independent: either side may
//! speak first, both may send at once, and one may finish while the other goes on for an hour.
//! A side that has finished sending (a read returns 0) still reads.
//!
//! Whatever goes wrong between one client and its upstream is told to both of them, by ending
//! their connections, and to nobody else. Nobody waits for another's upstream to answer, to read,
//! or to speak; and while nobody has anything to say, the thread sleeps in `poll`. Where a side takes
//! nothing, its sender is held back: no more waits here than `TURN` reads into `buffer` bring.
//!
//! A reset ends a conversation at once: what was on its way may be lost with it, as the one who sent
//! the reset must expect (RFC 9293, 3.10.7.4).
//!
//! accept's errors are those of `serve_all`: only `InvalidInput` ends the proxy. Where stage 01 slept
//! for 50 ms, others are served meanwhile: set `accept_at`.
//!
//! The loop is given, and so is `Proxy::advance`, which calls you at every event. Your task: `accept`
//! and `connect`; `Conversation::advance`; `Direction::carry`. Add what fields you need. The tests make
//! conversations and directions of their own: leave the signatures of what is public as they are.
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

/// How long to wait when the system has no descriptor left.
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
    /// Conversations that could go on, and whose turn was over. No event will come for them.
    run_queue: BTreeSet<usize>,
    /// Scratch space: what is to be kept is in a `Direction`.
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

    /// Parks the thread until something is ready, or it is time to go on without that.
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

    /// Lets a conversation go on as far as it can. What is over is dropped, which closes both its
    /// sockets, and no event comes for them any more.
    fn advance(&mut self, number: usize) {
        let Some(conversation) = self.conversations.get_mut(&number) else { return };
        match conversation.advance(&mut self.buffer) {
            Ok(Pause::WouldBlock) => {}
            Ok(Pause::TurnOver) => drop(self.run_queue.insert(number)),
            Ok(Pause::Done) | Err(_) => drop(self.conversations.remove(&number)),
        }
    }

    /// Accepts until nobody waits: an event of the listener says that clients wait, not how many,
    /// and is not repeated. After an error that concerns all, no event says when to try again.
    ///
    /// # Errors
    /// `InvalidInput`.
    fn accept(&mut self) -> io::Result<()> {
        todo!("accept until nobody waits, and begin a conversation with each client")
    }

    /// Begins a conversation: connects to the upstream without waiting for its answer, and asks to
    /// be told of both sides, which have the tokens of its number.
    ///
    /// # Errors
    /// There can be no such conversation. Nothing is left of it.
    fn connect(&mut self, client: TcpStream) -> io::Result<()> {
        todo!("connect to the upstream, register both sides, and keep the conversation")
    }
}

/// Why a conversation, or one direction of it, stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum Pause {
    /// It cannot go on now. It will, once a socket has become readable or writable.
    WouldBlock,
    /// It could go on at once, and has had its turn.
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

    /// One turn for each direction. Called when something was reported of one of the sides; it need
    /// not be true any more, and the direction that it is about may be either.
    ///
    /// # Errors
    /// One side is gone, or was never there. The conversation is over.
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
    /// The sender has sent its last byte. The receiver gets what is left, and is told.
    Draining,
    /// The receiver was told.
    Ended,
}

impl Direction {
    /// Carries bytes until a socket would block, the turn is over, or the receiver was told that
    /// there will be no more.
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
