//! M28 · fails: a_read_that_fails_is_reported_and_loses_nothing

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
    let before = received.len();
    // It appends, and keeps what it has when an error comes.
    match stream.read_to_end(received) {
        Ok(_) => Ok(Peer::Ended),
        Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(Peer::Open),
        // First what has come. The next read will report the error.
        Err(_) if received.len() > before => Ok(Peer::Open),
        Err(e) => Err(e),
    }
}
