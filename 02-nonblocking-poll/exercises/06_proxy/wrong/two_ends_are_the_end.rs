//! M41 · fails: no_end_overtakes_the_rest
//! The capstone of stage 02: the proxy of stage 01, on one thread.
//!
//! For every client that connects to `listener`, connect to `upstream`, and carry bytes both
//! ways until both sides have finished. The two directions are independent: either side may
//! speak first, both may send at once, and one may finish while the other goes on for an hour.
//! A side that has finished sending (a read returns 0) still reads.
//!
//! Whatever goes wrong between one client and its upstream is told to both of them, by ending
//! their connections, and to nobody else. Nobody waits for another's upstream to answer, to read,
//! or to speak; and while nobody has anything to say, the thread sleeps in `poll`.
//!
//! accept's errors are those of `serve_all`: only `InvalidInput` ends the proxy. Where stage 01 slept
//! for 50 ms, others are served meanwhile: set `accept_at`.
//!
//! The loop is given, and so is `Proxy::advance`, which calls you at every event. Your task: `accept`
//! and `connect`; `Conversation::advance`; `Direction::carry`. Add what fields you need.
//!
//! Read first: the book, "A connection is a state machine".
//! Check with `cargo workshop check 02/proxy`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

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
        let pause = conversation.advance(&mut self.buffer);
        let asked = conversation.ask(self.poll.registry(), number);
        match asked.and(pause) {
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
        loop {
            match self.listener.accept() {
                Ok((client, addr)) => {
                    if let Err(e) = self.connect(client) {
                        eprintln!("{addr}: {e}")
                    }
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    self.accept_at = None;
                    return Ok(());
                }
                Err(e) if e.kind() == ErrorKind::InvalidInput => return Err(e),
                Err(e)
                    if matches!(
                        e.kind(),
                        ErrorKind::Interrupted | ErrorKind::ConnectionAborted
                    ) => {}
                Err(e) => {
                    self.accept_at = Some(Instant::now() + PAUSE);
                    return Ok(());
                }
            }
        }
    }

    fn connect(&mut self, mut client: TcpStream) -> io::Result<()> {
        let mut upstream = TcpStream::connect(self.upstream)?;
        let (a, b) = tokens(self.next);
        self.poll.registry().register(&mut client, a, Interest::READABLE)?;
        self.poll.registry().register(&mut upstream, b, Interest::WRITABLE)?;
        self.conversations.insert(self.next, Conversation::new(client, upstream));
        self.next += 1;
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Pause {
    WouldBlock,
    TurnOver,
    Done,
}

pub struct Conversation {
    client: TcpStream,
    upstream: TcpStream,
    connected: bool,
    up: Direction,
    down: Direction,
    asked: (Interest, Interest),
}

impl Conversation {
    pub fn new(client: TcpStream, upstream: TcpStream) -> Self {
        Self {
            client,
            upstream,
            connected: false,
            up: Direction::default(),
            down: Direction::default(),
            asked: (Interest::READABLE, Interest::WRITABLE),
        }
    }

    pub fn advance(&mut self, buffer: &mut [u8]) -> io::Result<Pause> {
        if !self.connected {
            if let Some(e) = self.upstream.take_error()? {
                return Err(e);
            }
            match self.upstream.peer_addr() {
                Ok(_) => self.connected = true,
                Err(e) if e.kind() == ErrorKind::NotConnected => return Ok(Pause::WouldBlock),
                Err(e) => return Err(e),
            }
        }
        let up = self.up.carry(&self.client, &self.upstream, buffer)?;
        let down = self.down.carry(&self.upstream, &self.client, buffer)?;
        if self.up.eof && self.down.eof {
            return Ok(Pause::Done);
        }
        if up == Pause::TurnOver || down == Pause::TurnOver {
            return Ok(Pause::TurnOver);
        }
        for s in [&self.client, &self.upstream] {
            if let Some(e) = s.take_error()? {
                return Err(e);
            }
        }
        Ok(Pause::WouldBlock)
    }

    fn ask(&mut self, registry: &Registry, number: usize) -> io::Result<()> {
        if !self.connected {
            return Ok(());
        }
        // what do we wait for?
        let interest = |reads: &Direction, writes: &Direction| {
            let mut i = None;
            if !reads.eof && reads.queue.len() < 65536 {
                i = Some(Interest::READABLE);
            }
            if !writes.queue.is_empty() {
                i = Some(i.map_or(Interest::WRITABLE, |i: Interest| i | Interest::WRITABLE));
            }
            i.unwrap_or(Interest::WRITABLE)
        };
        let want = (interest(&self.up, &self.down), interest(&self.down, &self.up));
        let (a, b) = tokens(number);
        if want.0 != self.asked.0 {
            registry.reregister(&mut self.client, a, want.0)?;
        }
        if want.1 != self.asked.1 {
            registry.reregister(&mut self.upstream, b, want.1)?;
        }
        self.asked = want;
        Ok(())
    }
}

#[derive(Default)]
pub struct Direction {
    queue: VecDeque<u8>,
    eof: bool,
    done: bool,
}

impl Direction {
    pub fn carry(
        &mut self,
        mut from: &TcpStream,
        mut to: &TcpStream,
        buffer: &mut [u8],
    ) -> io::Result<Pause> {
        if self.done {
            return Ok(Pause::WouldBlock);
        }
        let mut turns = 0;
        let mut read_blocked = false;
        while !self.eof && self.queue.len() < 65536 && turns < TURN {
            turns += 1;
            match from.read(buffer) {
                Ok(0) => self.eof = true,
                Ok(n) => self.queue.extend(&buffer[..n]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    read_blocked = true;
                    break;
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        while !self.queue.is_empty() {
            match to.write(self.queue.as_slices().0) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.queue.drain(..n);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        if self.eof && self.queue.is_empty() {
            to.shutdown(Shutdown::Write)?;
            self.done = true;
            return Ok(Pause::WouldBlock);
        }
        let more = !self.eof && !read_blocked && self.queue.len() < 65536;
        Ok(if more { Pause::TurnOver } else { Pause::WouldBlock })
    }
}
