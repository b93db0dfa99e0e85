//! M67 · fails: reading_goes_on_when_there_is_room

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
    interest: Interest,
}

impl Connection {
    pub fn new(bound: usize) -> Self {
        let interest = Interest { readable: true, writable: false };
        Self { bound, outbox: Vec::new(), ended: false, interest }
    }

    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let mut buffer = [0; 1024];
        let room = (self.bound - self.outbox.len()).min(buffer.len());
        if room == 0 {
            return Ok(());
        }
        match stream.read(&mut buffer[..room]) {
            Ok(0) => {
                self.ended = true;
                self.interest.readable = false;
            }
            Ok(n) => {
                self.outbox.extend_from_slice(&buffer[..n]);
                self.interest.writable = true;
                if self.outbox.len() == self.bound {
                    self.interest.readable = false;
                }
            }
            Err(e) if is_later(&e) => {}
            Err(e) => return Err(e),
        }
        Ok(())
    }

    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        if !self.outbox.is_empty() {
            match stream.write(&self.outbox) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => drop(self.outbox.drain(..n)),
                Err(e) if is_later(&e) => {}
                Err(e) => return Err(e),
            }
        }
        if self.outbox.is_empty() {
            self.interest.writable = false;
        }
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        if self.ended && self.outbox.is_empty() { None } else { Some(self.interest) }
    }

    pub fn into_unsent(self) -> Vec<u8> {
        self.outbox
    }
}

fn is_later(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
