//! One conversation that never waits: it goes on as far as it can, and says why it stopped.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use tracing::trace;

use crate::outbox::Outbox;

/// How many pieces a connection may read before others get their turn: its budget.
const TURN: usize = 16;

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
    /// Everything was said.
    Closed,
}
// ANCHOR_END: state

/// Why a connection stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
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
    /// Whether a write may do something: false from the moment it would block until the socket is
    /// reported as writable.
    writable: bool,
    /// Whether we were told that the peer's end has arrived. It never becomes false again: nobody says
    /// it twice.
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
            writable: true,
            end_is_here: false,
            queued: false,
        }
    }

    // ANCHOR: advance
    /// Goes on until the socket would block, the turn is over, or everything was said. `buffer` is
    /// scratch space, which all connections can share: what is to be kept is in the outbox.
    ///
    /// # Errors
    /// Whatever read(2) or write(2) reports, except `Interrupted`, which is retried, and `WouldBlock`.
    /// The conversation is over then.
    pub fn advance(&mut self, buffer: &mut [u8]) -> io::Result<Stopped> {
        for _ in 0..TURN {
            self.flush()?;
            match self.state {
                State::Echoing => match self.read(buffer)? {
                    None => return Ok(Stopped::WouldBlock),
                    Some(0) => self.state = State::Draining,
                    Some(n) => {
                        self.send(&buffer[..n])?;
                        if self.outbox.is_full() {
                            self.state = State::Full;
                        } else if self.has_drained(n, buffer.len()) {
                            return Ok(Stopped::WouldBlock);
                        }
                    }
                },
                State::Full if self.outbox.is_full() => return Ok(Stopped::WouldBlock),
                State::Full => self.state = State::Echoing,
                State::Draining if self.outbox.is_empty() => self.state = State::Closed,
                State::Draining => return Ok(Stopped::WouldBlock),
                State::Closed => return Ok(Stopped::Done),
            }
        }
        Ok(Stopped::TurnOver)
    }
    // ANCHOR_END: advance

    // ANCHOR: has_drained
    /// Whether a read of `n` bytes has emptied the socket, so that asking once more would only say
    /// `WouldBlock`: it brought less than there was room for. mio promises the next event only to who
    /// reads on. But epoll(7), question 9, allows this, and kqueue behaves alike: what comes after such
    /// a read is a new event. Not so an end that was reported with these bytes, and urgent data, at
    /// which a read stops short: a peer that sends some (nobody should) waits until it says more.
    fn has_drained(&self, n: usize, room: usize) -> bool {
        let by_epoll_or_kqueue = cfg!(any(
            target_os = "linux",
            target_os = "android",
            target_os = "macos",
            target_os = "ios",
            target_os = "freebsd",
            target_os = "netbsd",
            target_os = "openbsd",
            target_os = "dragonfly"
        ));
        by_epoll_or_kqueue && n < room && !self.end_is_here
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

    /// Sends bytes, behind what waits already.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let taken = self.outbox.send(&mut self.stream, bytes)?;
        self.wrote(taken);
        Ok(())
    }

    /// Writes what waits, if that can do something.
    fn flush(&mut self) -> io::Result<()> {
        if self.writable && !self.outbox.is_empty() {
            let taken = self.outbox.flush(&mut self.stream)?;
            self.wrote(taken);
        }
        Ok(())
    }

    fn wrote(&mut self, bytes: usize) {
        // Something waits only where a write would have blocked.
        self.writable = self.outbox.is_empty();
        if bytes > 0 {
            trace!(connection = %self.peer, bytes, "wrote");
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

    /// What was reported of the socket. Whoever is told nothing says that it is writable.
    pub fn reported(&mut self, writable: bool, end_is_here: bool) {
        self.writable |= writable;
        self.end_is_here |= end_is_here;
    }
}

#[cfg(test)]
mod tests {
    use testkit::ScriptedIo;

    use super::*;
    use crate::outbox::BOUND;

    fn connection(stream: ScriptedIo) -> Connection<ScriptedIo> {
        Connection::new(stream.nonblocking(), SocketAddr::from(([127, 0, 0, 1], 7)))
    }

    /// Room for eight bytes, so that a script can fill it.
    fn advance(connection: &mut Connection<ScriptedIo>) -> io::Result<Stopped> {
        connection.advance(&mut [0; 8])
    }

    #[test]
    fn what_is_here_goes_back_until_it_would_block() {
        let mut connection = connection(ScriptedIo::new().data("12345678").data("9"));
        assert_eq!(advance(&mut connection).unwrap(), Stopped::WouldBlock);
        assert_eq!(connection.stream.written(), b"123456789");
        assert_eq!(connection.state(), State::Echoing);
    }

    #[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
    #[test]
    fn a_short_read_is_the_last_unless_an_end_was_announced() {
        let short = || ScriptedIo::new().data("hi").end();
        let mut unaware = connection(short());
        assert_eq!(advance(&mut unaware).unwrap(), Stopped::WouldBlock);
        assert_eq!(unaware.stream.read_calls(), 1);
        let mut told = connection(short());
        told.reported(false, true);
        assert_eq!(advance(&mut told).unwrap(), Stopped::Done);
        assert_eq!((told.stream.read_calls(), told.stream.written()), (2, &b"hi"[..]));
    }

    #[test]
    fn an_end_waits_for_what_the_peer_has_not_taken() {
        let mut connection = connection(ScriptedIo::new().data("hello").end().room(2));
        connection.reported(false, true);
        assert_eq!(advance(&mut connection).unwrap(), Stopped::WouldBlock);
        assert_eq!(connection.state(), State::Draining);
        connection.stream = std::mem::take(&mut connection.stream).room(10);
        connection.reported(true, false);
        assert_eq!(advance(&mut connection).unwrap(), Stopped::Done);
        assert_eq!(connection.stream.written(), b"hello");
    }

    #[test]
    fn a_full_outbox_stops_reading_and_goes_on_when_it_is_not() {
        let piece = vec![b'x'; BOUND];
        let stream = ScriptedIo::new().data(&piece).data("more").room(0);
        let mut connection = connection(stream);
        let mut buffer = vec![0; BOUND];
        assert_eq!(connection.advance(&mut buffer).unwrap(), Stopped::WouldBlock);
        assert_eq!((connection.state(), connection.stream.read_calls()), (State::Full, 1));
        // An event that says nothing of writing is no reason to write.
        let operations = connection.stream.operations().len();
        assert_eq!(connection.advance(&mut buffer).unwrap(), Stopped::WouldBlock);
        assert_eq!(connection.stream.operations().len(), operations);
        connection.stream = std::mem::take(&mut connection.stream).room(BOUND + 4);
        connection.reported(true, false);
        assert_eq!(connection.advance(&mut buffer).unwrap(), Stopped::WouldBlock);
        assert_eq!(connection.stream.written(), [&piece[..], b"more"].concat());
    }

    #[test]
    fn a_turn_ends_although_there_is_more() {
        let endless = (0..100).fold(ScriptedIo::new(), |stream, _| stream.data("12345678"));
        let mut connection = connection(endless);
        assert_eq!(advance(&mut connection).unwrap(), Stopped::TurnOver);
        assert_eq!(connection.stream.read_calls(), TURN);
    }

    #[test]
    fn interruptions_are_tried_again_and_other_errors_end_it() {
        let stream = ScriptedIo::new()
            .read_error(ErrorKind::Interrupted)
            .data("hi")
            .write_error(ErrorKind::Interrupted);
        let mut interrupted = connection(stream);
        assert_eq!(advance(&mut interrupted).unwrap(), Stopped::WouldBlock);
        assert_eq!(interrupted.stream.written(), b"hi");
        let mut reset = connection(ScriptedIo::new().read_error(ErrorKind::ConnectionReset));
        assert_eq!(advance(&mut reset).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}
