//! One conversation that never waits: it goes on as far as it can, and says why it stopped.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use tracing::trace;

use crate::outbox::Outbox;

/// How many pieces a connection may read before others get their turn.
const TURN: usize = 16;

// ANCHOR: state
/// Where a conversation is. All that a thread of stage 01 had on its stack is this, and an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// What comes in goes back.
    Echoing,
    /// The outbox is full. Nothing is read until the peer has taken some of it.
    Full,
    /// The peer has sent its last byte. What is left in the outbox still goes to it.
    Draining,
    /// Everything was said.
    Closed,
}
// ANCHOR_END: state

/// Why a connection stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// The socket cannot go on now. It will, once it is readable or writable.
    WouldBlock,
    /// It could go on at once, and has had its turn.
    TurnOver,
    /// The conversation is over: drop the connection.
    Done,
}

/// A connection, and where its conversation is.
#[derive(Debug)]
pub struct Connection<S> {
    /// In non-blocking mode.
    pub stream: S,
    peer: SocketAddr,
    state: State,
    outbox: Outbox,
    /// Whether we were told that the peer's last byte is on its way or here. It never becomes false
    /// again: nobody says it twice.
    end_is_here: bool,
    /// Whether it is in the run queue, where it is to be at most once.
    pub(crate) queued: bool,
}

impl<S: Read + Write> Connection<S> {
    /// The beginning of a conversation.
    pub fn new(stream: S, peer: SocketAddr) -> Self {
        Self {
            stream,
            peer,
            state: State::Echoing,
            outbox: Outbox::default(),
            end_is_here: false,
            queued: false,
        }
    }

    /// Where the other end is.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Where the conversation is.
    pub fn state(&self) -> State {
        self.state
    }

    /// The poller has reported that the peer has closed its sending side.
    pub fn end_is_here(&mut self) {
        self.end_is_here = true;
    }

    // ANCHOR: advance
    /// Goes on until the socket would block, the turn is over, or everything was said. `buffer` is
    /// scratch space, which all connections can share: what is to be kept is in the outbox.
    ///
    /// # Errors
    /// Whatever read(2) or write(2) reports. The conversation is over then.
    pub fn advance(&mut self, buffer: &mut [u8]) -> io::Result<Pause> {
        for _ in 0..TURN {
            self.flush()?;
            match self.state {
                State::Echoing => match self.read(buffer)? {
                    None => return Ok(Pause::WouldBlock),
                    Some(0) => self.state = State::Draining,
                    Some(n) => {
                        self.outbox.push(&buffer[..n]);
                        self.flush()?;
                        if self.outbox.is_full() {
                            self.state = State::Full;
                        } else if self.has_drained(n, buffer.len()) {
                            return Ok(Pause::WouldBlock);
                        }
                    }
                },
                State::Full if self.outbox.is_full() => return Ok(Pause::WouldBlock),
                State::Full => self.state = State::Echoing,
                State::Draining if self.outbox.is_empty() => self.state = State::Closed,
                State::Draining => return Ok(Pause::WouldBlock),
                State::Closed => return Ok(Pause::Done),
            }
        }
        Ok(Pause::TurnOver)
    }
    // ANCHOR_END: advance

    // ANCHOR: has_drained
    /// Whether a read of `n` bytes has emptied the socket, so that asking once more would only say
    /// `WouldBlock`: it brought less than there was room for. Linux and the BSDs report what comes
    /// after it as a new event (epoll(7), question 9; kqueue(2), EV_CLEAR), but for an end that was
    /// reported with these bytes. On Windows only a read that would block asks for the next event.
    fn has_drained(&self, n: usize, room: usize) -> bool {
        cfg!(unix) && n < room && !self.end_is_here
    }
    // ANCHOR_END: has_drained

    // ANCHOR: read
    /// Reads what is here. None: nothing, for now.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.stream.read(buffer) {
                Ok(n) => {
                    trace!(connection = %self.peer, bytes = n, "read");
                    return Ok(Some(n));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    trace!(connection = %self.peer, "would block");
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
    }
    // ANCHOR_END: read

    fn flush(&mut self) -> io::Result<()> {
        if self.outbox.is_empty() {
            return Ok(());
        }
        self.outbox.flush(&mut self.stream)?;
        trace!(connection = %self.peer, all = self.outbox.is_empty(), "wrote");
        Ok(())
    }
}
