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

    // ANCHOR: advance
    /// Goes on until the socket would block, the turn is over, or everything was said. `buffer` is
    /// scratch space, which all connections can share: what is to be kept is in the outbox.
    ///
    /// # Errors
    /// Whatever read(2) or write(2) reports, except `Interrupted`, which is retried, and `WouldBlock`.
    /// The conversation is over then.
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
    fn advance(connection: &mut Connection<ScriptedIo>) -> io::Result<Pause> {
        connection.advance(&mut [0; 8])
    }

    #[test]
    fn what_is_here_goes_back_until_it_would_block() {
        let mut connection = connection(ScriptedIo::new().data("12345678").data("9"));
        assert_eq!(advance(&mut connection).unwrap(), Pause::WouldBlock);
        assert_eq!(connection.stream.written(), b"123456789");
        assert_eq!(connection.state(), State::Echoing);
    }

    #[cfg(unix)]
    #[test]
    fn a_short_read_is_the_last_unless_an_end_was_announced() {
        let short = || ScriptedIo::new().data("hi").end();
        let mut unaware = connection(short());
        assert_eq!(advance(&mut unaware).unwrap(), Pause::WouldBlock);
        assert_eq!(unaware.stream.read_calls(), 1);
        let mut told = connection(short());
        told.end_is_here();
        assert_eq!(advance(&mut told).unwrap(), Pause::Done);
        assert_eq!((told.stream.read_calls(), told.stream.written()), (2, &b"hi"[..]));
    }

    #[test]
    fn an_end_waits_for_what_the_peer_has_not_taken() {
        let mut connection = connection(ScriptedIo::new().data("hello").end().room(2));
        connection.end_is_here();
        assert_eq!(advance(&mut connection).unwrap(), Pause::WouldBlock);
        assert_eq!(connection.state(), State::Draining);
        connection.stream = std::mem::take(&mut connection.stream).room(10);
        assert_eq!(advance(&mut connection).unwrap(), Pause::Done);
        assert_eq!(connection.stream.written(), b"hello");
    }

    #[test]
    fn a_full_outbox_stops_reading_and_goes_on_when_it_is_not() {
        let piece = vec![b'x'; BOUND];
        let stream = ScriptedIo::new().data(&piece).data("more").room(0);
        let mut connection = connection(stream);
        let mut buffer = vec![0; BOUND];
        assert_eq!(connection.advance(&mut buffer).unwrap(), Pause::WouldBlock);
        assert_eq!((connection.state(), connection.stream.read_calls()), (State::Full, 1));
        connection.stream = std::mem::take(&mut connection.stream).room(BOUND + 4);
        assert_eq!(connection.advance(&mut buffer).unwrap(), Pause::WouldBlock);
        assert_eq!(connection.stream.written(), [&piece[..], b"more"].concat());
    }

    #[test]
    fn a_turn_ends_although_there_is_more() {
        let endless = (0..100).fold(ScriptedIo::new(), |stream, _| stream.data("12345678"));
        let mut connection = connection(endless);
        assert_eq!(advance(&mut connection).unwrap(), Pause::TurnOver);
        assert_eq!(connection.stream.read_calls(), TURN);
    }

    #[test]
    fn interruptions_are_tried_again_and_other_errors_end_it() {
        let stream = ScriptedIo::new()
            .read_error(ErrorKind::Interrupted)
            .data("hi")
            .write_error(ErrorKind::Interrupted);
        let mut interrupted = connection(stream);
        assert_eq!(advance(&mut interrupted).unwrap(), Pause::WouldBlock);
        assert_eq!(interrupted.stream.written(), b"hi");
        let mut reset = connection(ScriptedIo::new().read_error(ErrorKind::ConnectionReset));
        assert_eq!(advance(&mut reset).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}
