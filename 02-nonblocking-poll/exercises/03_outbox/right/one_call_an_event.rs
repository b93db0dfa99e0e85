//! One read or one write for each event, and no write before the stream was reported as writable.

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
        let mut buffer = [0; 1024];
        let room = (self.bound - self.outbox.len()).min(buffer.len());
        if room == 0 {
            return Ok(());
        }
        match stream.read(&mut buffer[..room]) {
            Ok(0) => self.ended = true,
            Ok(n) => self.outbox.extend_from_slice(&buffer[..n]),
            Err(error) if is_for_later(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        if self.outbox.is_empty() {
            return Ok(());
        }
        match stream.write(&self.outbox) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => drop(self.outbox.drain(..n)),
            Err(error) if is_for_later(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        let readable = !self.ended && self.outbox.len() < self.bound;
        let writable = !self.outbox.is_empty();
        (readable || writable).then_some(Interest { readable, writable })
    }

    pub fn into_unsent(self) -> Vec<u8> {
        self.outbox
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
