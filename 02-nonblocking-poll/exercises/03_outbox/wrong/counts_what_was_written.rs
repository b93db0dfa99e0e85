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
    /// So many bytes of the outbox were written.
    position: usize,
    ended: bool,
}

impl Connection {
    pub fn new(bound: usize) -> Self {
        Self { bound, outbox: Vec::with_capacity(bound), position: 0, ended: false }
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
        while self.position < self.outbox.len() {
            match stream.write(&self.outbox[self.position..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => self.position += n,
                Err(e) if is_later(&e) => return Ok(()),
                Err(e) => return Err(e),
            }
        }
        self.outbox.clear();
        self.position = 0;
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        let readable = !self.ended && self.outbox.len() < self.bound;
        let writable = !self.outbox.is_empty();
        if readable || writable { Some(Interest { readable, writable }) } else { None }
    }

    pub fn into_unsent(self) -> Vec<u8> {
        self.outbox[self.position..].to_vec()
    }
}

fn is_later(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
