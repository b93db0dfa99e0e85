//! M65 · fails: an_error_leaves_what_waits
//!
//! What the first write does not take is kept; before that there is nothing to keep.

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
    out: Vec<u8>,
    ended: bool,
}

impl Connection {
    pub fn new(bound: usize) -> Self {
        Self { bound, out: Vec::new(), ended: false }
    }

    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let mut buffer = [0; 1024];
        while !self.ended && self.out.len() < self.bound {
            let room = (self.bound - self.out.len()).min(buffer.len());
            let n = match stream.read(&mut buffer[..room]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => n,
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            let mut sent = 0;
            if self.out.is_empty() {
                // nothing waits before it: try at once
                sent = match stream.write(&buffer[..n]) {
                    Ok(0) => return Err(ErrorKind::WriteZero.into()),
                    Ok(sent) => sent,
                    Err(e)
                        if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
                    {
                        0
                    }
                    Err(e) => return Err(e),
                };
            }
            self.out.extend_from_slice(&buffer[sent..n]);
        }
        Ok(())
    }

    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        while !self.out.is_empty() {
            match stream.write(&self.out) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.out.drain(..n);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        if self.ended && self.out.is_empty() {
            return None;
        }
        Some(Interest {
            readable: !self.ended && self.out.len() < self.bound,
            writable: !self.out.is_empty(),
        })
    }

    pub fn into_unsent(self) -> Vec<u8> {
        self.out
    }
}
