//! One conversation that never waits: it continues as far as it can, and returns why it stopped.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use tracing::trace;

use crate::outbox::Outbox;

/// A connection's budget: how many pieces it may read in one turn.
const BUDGET: usize = 16;

// ANCHOR: state
/// Where a conversation is. All that a thread of stage 01 had on its stack is this, and an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// What comes in goes back.
    Echoing,
    /// The outbox is full. Nothing is read until the peer has taken some of it: backpressure.
    Full,
    /// The peer has sent its last byte. What is left in the outbox still goes to it.
    Draining,
    /// Nothing is left to be sent or received.
    Closed,
}
// ANCHOR_END: state

// ANCHOR: turn
/// How a connection's turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It cannot continue now. An event will come when the socket is readable or writable.
    Pending,
    /// The budget is spent, and the connection could continue at once.
    Over,
    /// The conversation is over: drop the connection.
    Done,
}
// ANCHOR_END: turn

// ANCHOR: connection
/// A connection, and where its conversation is.
#[derive(Debug)]
pub struct Connection<S> {
    /// In non-blocking mode.
    pub stream: S,
    /// The address of the other end.
    pub peer: SocketAddr,
    state: State,
    outbox: Outbox,
    /// Whether an event has reported that the peer has ended. It never becomes false again, because no
    /// event repeats it.
    pub end_is_here: bool,
    /// Whether it is in the run queue.
    pub queued: bool,
}
// ANCHOR_END: connection

impl<S: Read + Write> Connection<S> {
    /// The beginning of a conversation.
    pub fn new(stream: S, peer: SocketAddr) -> Self {
        let (state, outbox) = (State::Echoing, Outbox::default());
        Self { stream, peer, state, outbox, end_is_here: false, queued: false }
    }

    // ANCHOR: advance
    /// Takes a turn: continues until the socket would block, the budget is spent, or nothing is left to do.
    /// `buffer` is scratch space, which all connections can share: the outbox holds what must be kept.
    ///
    /// # Errors
    /// Whatever read(2) or write(2) reports, except `Interrupted`, which is retried, and `WouldBlock`.
    /// The conversation is over then.
    pub fn advance(&mut self, buffer: &mut [u8]) -> io::Result<Turn> {
        let taken = self.outbox.flush(&mut self.stream)?;
        self.wrote(taken);
        for _ in 0..BUDGET {
            match self.state {
                State::Echoing => match self.read(buffer)? {
                    None => return Ok(Turn::Pending),
                    Some(0) => self.state = State::Draining,
                    Some(n) => {
                        let taken = self.outbox.send(&mut self.stream, &buffer[..n])?;
                        self.wrote(taken);
                        if self.outbox.is_full() {
                            self.state = State::Full;
                        } else if self.has_drained(n, buffer.len()) {
                            return Ok(Turn::Pending);
                        }
                    }
                },
                State::Full if self.outbox.is_full() => return Ok(Turn::Pending),
                State::Full => self.state = State::Echoing,
                State::Draining if self.outbox.is_empty() => self.state = State::Closed,
                State::Draining => return Ok(Turn::Pending),
                State::Closed => return Ok(Turn::Done),
            }
        }
        Ok(Turn::Over)
    }
    // ANCHOR_END: advance

    // ANCHOR: has_drained
    /// Whether a read of `n` bytes has emptied the socket, so that another one would only return
    /// `WouldBlock`: it returned less than there was room for. mio promises the next event only after a
    /// `WouldBlock`, but epoll(7), question 9, allows this, and kqueue does the same: what comes after
    /// such a read is a new event. It is wrong for an end that was reported with these bytes, and for
    /// urgent data, at which a read stops short: a peer that sends urgent data (none should) waits
    /// until it sends more.
    fn has_drained(&self, n: usize, room: usize) -> bool {
        // Only those that we know: elsewhere it costs one call more.
        let by_epoll_or_kqueue = cfg!(any(target_os = "linux", target_vendor = "apple"));
        by_epoll_or_kqueue && n < room && !self.end_is_here
    }
    // ANCHOR_END: has_drained

    // ANCHOR: read
    /// Reads what is here. None: nothing is, for now.
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

    fn wrote(&self, bytes: usize) {
        if bytes > 0 {
            trace!(connection = %self.peer, bytes, "wrote");
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::ScriptedIo;

    use super::*;
    use crate::outbox::OUTBOX_LIMIT;

    fn connection(stream: ScriptedIo) -> Connection<ScriptedIo> {
        Connection::new(stream.nonblocking(), SocketAddr::from(([127, 0, 0, 1], 7)))
    }

    /// Room for eight bytes, so that a script can fill it.
    fn advance(connection: &mut Connection<ScriptedIo>) -> io::Result<Turn> {
        connection.advance(&mut [0; 8])
    }

    #[test]
    fn what_is_here_goes_back_until_it_would_block() {
        let mut connection = connection(ScriptedIo::new().data("12345678").data("9"));
        assert_eq!(advance(&mut connection).unwrap(), Turn::Pending);
        assert_eq!(connection.stream.written(), b"123456789");
        assert_eq!(connection.state, State::Echoing);
    }

    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    #[test]
    fn a_short_read_is_the_last_unless_an_end_was_announced() {
        let short = || ScriptedIo::new().data("hi").end();
        let mut unaware = connection(short());
        assert_eq!(advance(&mut unaware).unwrap(), Turn::Pending);
        assert_eq!(unaware.stream.read_calls(), 1);
        let mut told = connection(short());
        told.end_is_here = true;
        assert_eq!(advance(&mut told).unwrap(), Turn::Done);
        assert_eq!((told.stream.read_calls(), told.stream.written()), (2, &b"hi"[..]));
    }

    #[test]
    fn an_end_waits_for_what_the_peer_has_not_taken() {
        let mut connection = connection(ScriptedIo::new().data("hello").end().room(2));
        connection.end_is_here = true;
        assert_eq!(advance(&mut connection).unwrap(), Turn::Pending);
        assert_eq!(connection.state, State::Draining);
        connection.stream = std::mem::take(&mut connection.stream).room(10);
        assert_eq!(advance(&mut connection).unwrap(), Turn::Done);
        assert_eq!(connection.stream.written(), b"hello");
    }

    #[test]
    fn a_full_outbox_stops_reading_until_there_is_room() {
        let piece = vec![b'x'; OUTBOX_LIMIT];
        let stream = ScriptedIo::new().data(&piece).data("more").room(0);
        let mut connection = connection(stream);
        let mut buffer = vec![0; OUTBOX_LIMIT];
        assert_eq!(connection.advance(&mut buffer).unwrap(), Turn::Pending);
        assert_eq!((connection.state, connection.stream.read_calls()), (State::Full, 1));
        connection.stream = std::mem::take(&mut connection.stream).room(OUTBOX_LIMIT + 4);
        assert_eq!(connection.advance(&mut buffer).unwrap(), Turn::Pending);
        assert_eq!(connection.stream.written(), [&piece[..], b"more"].concat());
    }

    #[test]
    fn a_turn_ends_although_there_is_more() {
        let endless = (0..100).fold(ScriptedIo::new(), |stream, _| stream.data("12345678"));
        let mut connection = connection(endless);
        assert_eq!(advance(&mut connection).unwrap(), Turn::Over);
        assert_eq!(connection.stream.read_calls(), BUDGET);
    }

    #[test]
    fn interruptions_are_tried_again_and_other_errors_end_it() {
        let stream = ScriptedIo::new()
            .read_error(ErrorKind::Interrupted)
            .data("hi")
            .write_error(ErrorKind::Interrupted);
        let mut interrupted = connection(stream);
        assert_eq!(advance(&mut interrupted).unwrap(), Turn::Pending);
        assert_eq!(interrupted.stream.written(), b"hi");
        let mut reset = connection(ScriptedIo::new().read_error(ErrorKind::ConnectionReset));
        assert_eq!(advance(&mut reset).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}
