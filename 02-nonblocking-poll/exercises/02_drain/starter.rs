//! What one event asks for.
//!
//! The poller is edge-triggered. It reports once that a socket has become readable, and promises to
//! do so again only if something new comes after an operation has returned `WouldBlock`. It does not
//! say how much has come. And the report was true a moment ago: when you ask, nothing may be there.
//!
//! The loop calls one of these functions for each event, and then waits for the next. So neither
//! may wait, and neither may leave anything behind. A peer that never stops sending would keep the
//! loop busy; that is not your concern here, but that of the page "The loop is a scheduler".
//!
//! Your task: `accept_ready` and `read_ready`.
//!
//! Read first: the book, "Edges and levels".
//! Check with `cargo workshop check drain`.
#![allow(unused, clippy::ptr_arg, reason = "a starter has unused parts until it is solved")]

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

/// The listener was reported as readable: appends the clients to `accepted`, in the order in which
/// they came.
///
/// # Errors
/// Whatever `accept` reports, except `WouldBlock`, `Interrupted`, and `ConnectionAborted`, which means
/// that one client left before it was accepted. The caller pauses, and calls again. The clients that
/// were accepted before the error are in `accepted`.
pub fn accept_ready<L: Listener>(
    listener: &mut L,
    accepted: &mut Vec<L::Client>,
) -> io::Result<()> {
    todo!("one event: how many clients?")
}

/// The stream, which is in non-blocking mode, was reported as readable: appends the bytes to
/// `received`.
///
/// # Errors
/// Whatever a read reports, except `WouldBlock` and `Interrupted`. What came before the error is in
/// `received`.
pub fn read_ready(stream: &mut impl Read, received: &mut Vec<u8>) -> io::Result<Peer> {
    let mut buffer = [0; 1024];
    todo!("one event: how many bytes? and what if there are none?")
}
