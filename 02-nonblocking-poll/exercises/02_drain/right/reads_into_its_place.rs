//! Reads straight into `received`, and makes room for a read first, which goes again afterwards.

use std::io::{self, ErrorKind, Read};

/// Where clients arrive, in non-blocking mode: when no client waits, `accept` returns `WouldBlock`.
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

/// The listener was reported as readable: takes all clients that wait.
pub fn accept_ready<L: Listener>(
    listener: &mut L,
    accepted: &mut Vec<L::Client>,
) -> io::Result<()> {
    let mut failure = Ok(());
    accepted.extend(std::iter::from_fn(|| {
        loop {
            let error = match listener.accept() {
                Ok(client) => return Some(client),
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {}
                ErrorKind::WouldBlock => return None,
                _ => {
                    failure = Err(error);
                    return None;
                }
            }
        }
    }));
    failure
}

/// The stream was reported as readable: takes all bytes that have come.
pub fn read_ready(stream: &mut impl Read, received: &mut Vec<u8>) -> io::Result<Peer> {
    loop {
        let old = received.len();
        received.resize(old + 4096, 0);
        let result = stream.read(&mut received[old..]);
        received.truncate(old + result.as_ref().map_or(0, |n| *n));
        match result {
            Ok(0) => return Ok(Peer::Ended),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Peer::Open),
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
    }
}
