//! Another right answer: a direction reads a whole turn in small pieces, and then writes it; what has
//! happened is in flags, and an error is asked for first.

use std::collections::{BTreeSet, HashMap, VecDeque};
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
    let (conversations, run_queue) = (HashMap::new(), BTreeSet::new());
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
    conversations: HashMap<usize, Conversation>,
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
        for side in [&self.client, &self.upstream] {
            if let Some(error) = side.take_error()? {
                return Err(error);
            }
        }
        if !self.connected {
            match self.upstream.peer_addr() {
                Ok(_) => self.connected = true,
                Err(error) if error.kind() == ErrorKind::NotConnected => {
                    return Ok(Pause::WouldBlock);
                }
                Err(error) => return Err(error),
            }
        }
        let down = self.down.carry(&self.upstream, &self.client, buffer)?;
        let up = self.up.carry(&self.client, &self.upstream, buffer)?;
        Ok(match (up, down) {
            (Pause::Done, Pause::Done) => Pause::Done,
            (Pause::TurnOver, _) | (_, Pause::TurnOver) => Pause::TurnOver,
            _ => Pause::WouldBlock,
        })
    }
}

/// One direction of a conversation.
#[derive(Default)]
pub struct Direction {
    /// What was read and not yet written.
    waiting: VecDeque<u8>,
    /// The sender has finished.
    finished: bool,
    /// The end was passed on to the receiver.
    told: bool,
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
        if self.told {
            return Ok(Pause::Done);
        }
        let mut more = true;
        if self.waiting.is_empty() {
            more = self.fill(from, buffer)?;
        }
        if !self.drain(to)? {
            return Ok(Pause::WouldBlock);
        }
        if self.finished {
            to.shutdown(Shutdown::Write)?;
            self.told = true;
            return Ok(Pause::Done);
        }
        Ok(if more { Pause::TurnOver } else { Pause::WouldBlock })
    }

    /// Reads a turn's worth. Whether there may be more.
    fn fill(&mut self, mut from: &TcpStream, buffer: &mut [u8]) -> io::Result<bool> {
        let most = buffer.len().min(1000);
        for _ in 0..TURN {
            match from.read(&mut buffer[..most]) {
                Ok(0) => {
                    self.finished = true;
                    return Ok(false);
                }
                Ok(n) => self.waiting.extend(&buffer[..n]),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Ok(false),
                    ErrorKind::Interrupted => {}
                    _ => return Err(error),
                },
            }
        }
        Ok(true)
    }

    /// Writes what waits. Whether nothing waits any more.
    fn drain(&mut self, mut to: &TcpStream) -> io::Result<bool> {
        while !self.waiting.is_empty() {
            match to.write(self.waiting.as_slices().0) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => drop(self.waiting.drain(..n)),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Ok(false),
                    ErrorKind::Interrupted => {}
                    _ => return Err(error),
                },
            }
        }
        Ok(true)
    }
}
