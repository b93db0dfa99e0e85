//! M32 · fails: many_short_pieces_are_all_read
//!
//! After a short read, one more read shows whether it was the end.

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

/// The listener was reported as readable: puts the clients behind those in `accepted`, in the order
/// in which they have waited.
///
/// # Errors
/// Whatever `accept` reports, except `WouldBlock`, `Interrupted`, and `ConnectionAborted`, which says
/// that one client has left before its turn. The caller pauses, and calls again; whoever was accepted
/// before the error is in `accepted`.
pub fn accept_ready<L: Listener>(
    listener: &mut L,
    accepted: &mut Vec<L::Client>,
) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok(c) => accepted.push(c),
            Err(e) => match e.kind() {
                ErrorKind::WouldBlock => return Ok(()),
                ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {}
                _ => return Err(e),
            },
        }
    }
}

/// The stream, which is in non-blocking mode, was reported as readable: puts the bytes behind those
/// in `received`.
///
/// # Errors
/// Whatever a read reports, except `WouldBlock` and `Interrupted`. What came before the error is in
/// `received`.
pub fn read_ready(stream: &mut impl Read, received: &mut Vec<u8>) -> io::Result<Peer> {
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(Peer::Ended),
            Ok(n) => {
                received.extend_from_slice(&buffer[..n]);
                if n < buffer.len() {
                    // drained; only the end may still be behind it
                    return match stream.read(&mut buffer) {
                        Ok(0) => Ok(Peer::Ended),
                        Ok(n) => {
                            received.extend_from_slice(&buffer[..n]);
                            Ok(Peer::Open)
                        }
                        Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(Peer::Open),
                        Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                        Err(e) => Err(e),
                    };
                }
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Peer::Open),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
