//! M50 · fails: no_more_than_the_bound_waits

use std::collections::VecDeque;
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
    /// Pieces, as they were read.
    outbox: VecDeque<Vec<u8>>,
    ended: bool,
}

impl Connection {
    pub fn new(bound: usize) -> Self {
        Self { bound, outbox: VecDeque::new(), ended: false }
    }

    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let mut buffer = [0; 1024];
        while self.outbox.len() < self.bound {
            match stream.read(&mut buffer) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => self.outbox.push_back(buffer[..n].to_vec()),
                Err(e) if is_later(&e) => break,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        while let Some(piece) = self.outbox.front_mut() {
            match stream.write(piece) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) if n == piece.len() => drop(self.outbox.pop_front()),
                Ok(n) => drop(piece.drain(..n)),
                Err(e) if is_later(&e) => break,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        let readable = !self.ended && self.outbox.len() < self.bound;
        let writable = !self.outbox.is_empty();
        (readable || writable).then_some(Interest { readable, writable })
    }

    pub fn into_unsent(self) -> Vec<u8> {
        self.outbox.into_iter().flatten().collect()
    }
}

fn is_later(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
