//! Reads 7 bytes at most, and writes one at a time; what was written stays in the outbox until
//! all of it is out.

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
    /// How many bytes of the outbox are out already.
    written: usize,
    ended: bool,
}

impl Connection {
    pub fn new(bound: usize) -> Self {
        Self { bound, outbox: Vec::new(), written: 0, ended: false }
    }

    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let mut buffer = [0; 7];
        let room = buffer.len().min(self.bound - self.waiting().len());
        let n = match stream.read(&mut buffer[..room]) {
            // As well when there is no room, and this 0 says nothing of the stream.
            Ok(0) => {
                self.ended |= room > 0;
                return Ok(());
            }
            Ok(n) => n,
            Err(error) => return unless_transient(error),
        };
        self.outbox.extend_from_slice(&buffer[..n]);
        self.on_writable(stream)
    }

    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        while let Some(byte) = self.waiting().first() {
            match stream.write(&[*byte]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => self.written += n,
                Err(error) => return unless_transient(error),
            }
        }
        self.outbox.clear();
        self.written = 0;
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        let waiting = self.waiting().len();
        match (self.ended, waiting) {
            (true, 0) => None,
            (ended, _) => {
                Some(Interest { readable: !ended && waiting < self.bound, writable: waiting > 0 })
            }
        }
    }

    pub fn into_unsent(mut self) -> Vec<u8> {
        self.outbox.split_off(self.written)
    }

    fn waiting(&self) -> &[u8] {
        &self.outbox[self.written..]
    }
}

fn unless_transient(error: io::Error) -> io::Result<()> {
    let transient = [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&error.kind());
    if transient { Ok(()) } else { Err(error) }
}
