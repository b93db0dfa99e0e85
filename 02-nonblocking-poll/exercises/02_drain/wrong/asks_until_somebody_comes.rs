//! M64 · fails: a_client_that_waits_is_accepted

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
                ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {
                    continue;
                }
                _ => return Err(e),
            },
        }
    }
}

pub fn read_ready(stream: &mut impl Read, received: &mut Vec<u8>) -> io::Result<Peer> {
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(Peer::Ended),
            Ok(n) => received.extend_from_slice(&buffer[..n]),
            Err(e) => match e.kind() {
                ErrorKind::WouldBlock => return Ok(Peer::Open),
                ErrorKind::Interrupted => continue,
                _ => return Err(e),
            },
        }
    }
}
