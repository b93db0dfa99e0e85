//! M37 · fails: an_idle_connection_asks_for_no_writing

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
    /// A write would have blocked.
    blocked: bool,
}

impl Connection {
    pub fn new(bound: usize) -> Self {
        Self { bound, outbox: Vec::new(), ended: false, blocked: false }
    }

    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let mut buffer = [0; 1024];
        let room = (self.bound - self.outbox.len()).min(buffer.len());
        if room == 0 {
            return Ok(());
        }
        match stream.read(&mut buffer[..room]) {
            Ok(0) => self.ended = true,
            Ok(n) => {
                self.outbox.extend_from_slice(&buffer[..n]);
                self.on_writable(stream)?;
            }
            Err(e) if is_later(&e) => {}
            Err(e) => return Err(e),
        }
        Ok(())
    }

    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        while !self.outbox.is_empty() {
            match stream.write(&self.outbox) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => drop(self.outbox.drain(..n)),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    self.blocked = true;
                    break;
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        if self.ended && self.outbox.is_empty() {
            return None;
        }
        let readable = !self.ended && self.outbox.len() < self.bound;
        Some(Interest { readable, writable: self.blocked })
    }

    pub fn into_unsent(self) -> Vec<u8> {
        self.outbox
    }
}

fn is_later(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
