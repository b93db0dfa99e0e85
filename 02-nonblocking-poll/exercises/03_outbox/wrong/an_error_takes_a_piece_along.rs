//! M65 · fails: an_error_leaves_what_waits

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
    waiting: usize,
    ended: bool,
}

impl Connection {
    pub fn new(bound: usize) -> Self {
        Self { bound, outbox: VecDeque::new(), waiting: 0, ended: false }
    }

    pub fn on_readable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        if self.waiting == self.bound {
            return Ok(());
        }
        let mut buffer = vec![0; self.bound - self.waiting];
        match stream.read(&mut buffer) {
            Ok(0) => self.ended = true,
            Ok(n) => {
                buffer.truncate(n);
                self.outbox.push_back(buffer);
                self.waiting += n;
            }
            Err(e) if is_later(&e) => {}
            Err(e) => return Err(e),
        }
        Ok(())
    }

    pub fn on_writable(&mut self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        while let Some(mut piece) = self.outbox.pop_front() {
            match stream.write(&piece) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) if n == piece.len() => self.waiting -= n,
                Ok(n) => {
                    self.waiting -= n;
                    self.outbox.push_front(piece.split_off(n));
                }
                Err(e) if is_later(&e) => {
                    self.outbox.push_front(piece);
                    break;
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    pub fn interest(&self) -> Option<Interest> {
        let readable = !self.ended && self.waiting < self.bound;
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
