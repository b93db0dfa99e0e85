//! M67 · fails: what_waits_goes_first

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
            Err(e) if is_later(&e) => {}
            Err(e) => return Err(e),
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
            Err(e) if is_later(&e) => {}
            Err(e) => return Err(e),
        }
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        if !self.outbox.is_empty() {
            // Backpressure: nothing is read while the peer does not take what it has asked for.
            Some(Interest { readable: false, writable: true })
        } else if !self.ended {
            Some(Interest { readable: true, writable: false })
        } else {
            None
        }
    }

    pub fn into_unsent(self) -> Vec<u8> {
        self.outbox
    }
}

fn is_later(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
