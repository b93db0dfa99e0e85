//! M30 · fails: each_event_adds_to_what_came_before

use std::io::{self, ErrorKind, Read};

/// Where clients arrive, in non-blocking mode: when nobody waits, `accept` says `WouldBlock`.
pub trait Listener {
    type Client;

    /// Takes the client that has waited longest.
    fn accept(&mut self) -> io::Result<Self::Client>;
}

/// What is known of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// It may send more.
    Open,
    /// It has sent its last byte.
    Ended,
}

pub fn accept_ready<L: Listener>(
    listener: &mut L,
    accepted: &mut Vec<L::Client>,
) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok(client) => accepted.push(client),
            Err(e) => match e.kind() {
                ErrorKind::WouldBlock => return Ok(()),
                ErrorKind::Interrupted | ErrorKind::ConnectionAborted => continue,
                _ => return Err(e),
            },
        }
    }
}

pub fn read_ready(stream: &mut impl Read, received: &mut Vec<u8>) -> io::Result<Peer> {
    let mut length = 0;
    let peer = loop {
        received.resize(length + 1024, 0);
        match stream.read(&mut received[length..]) {
            Ok(0) => break Ok(Peer::Ended),
            Ok(n) => length += n,
            Err(e) if e.kind() == ErrorKind::WouldBlock => break Ok(Peer::Open),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => break Err(e),
        }
    };
    received.truncate(length);
    peer
}
