//! M50 · fails: no_more_than_the_bound_waits

use std::io::{self, ErrorKind, Read, Write};

/// What the poller is to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    pub readable: bool,
    pub writable: bool,
}

/// One conversation, and what the peer has not taken of it yet.
pub struct Connection {
    bound: usize,
    outbox: Vec<u8>,
    ended: bool,
}

impl Connection {
    pub fn new(bound: usize) -> Self {
        Self { bound, outbox: Vec::new(), ended: false }
    }

    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        if self.outbox.len() >= self.bound {
            return Ok(());
        }
        let mut buffer = [0; 1024];
        match stream.read(&mut buffer) {
            Ok(0) => self.ended = true,
            Ok(n) => self.outbox.extend_from_slice(&buffer[..n]),
            Err(e) if is_later(&e) => {}
            Err(e) => return Err(e),
        }
        self.on_writable(stream)
    }

    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        if self.outbox.is_empty() {
            return Ok(());
        }
        match stream.write(&self.outbox) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => drop(self.outbox.drain(..n)),
            Err(e) if is_later(&e) => {}
            Err(e) => return Err(e),
        }
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        let readable = !self.ended && self.outbox.len() < self.bound;
        let writable = !self.outbox.is_empty();
        if readable || writable { Some(Interest { readable, writable }) } else { None }
    }

    pub fn into_unsent(self) -> Vec<u8> {
        self.outbox
    }
}

fn is_later(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
