//! M58 · fails: an_empty_frame_is_a_frame

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};

enum State {
    /// Between two frames.
    Idle,
    /// The first byte of the length is here.
    Half(u8),
    /// The length is here, and some of the payload.
    Payload { len: usize, bytes: Vec<u8> },
}

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    state: State,
    ready: VecDeque<Vec<u8>>,
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source, state: State::Idle, ready: VecDeque::new() }
    }

    fn feed(&mut self, byte: u8) {
        match &mut self.state {
            State::Idle => self.state = State::Half(byte),
            State::Half(high) => {
                let len = u16::from_be_bytes([*high, byte]).into();
                self.state = State::Payload { len, bytes: Vec::with_capacity(len) };
            }
            State::Payload { len, bytes } => {
                bytes.push(byte);
                if bytes.len() == *len {
                    self.ready.push_back(std::mem::take(bytes));
                    self.state = State::Idle;
                }
            }
        }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut buffer = [0; 1024];
        while self.ready.is_empty() {
            match self.source.read(&mut buffer) {
                Ok(0) => {
                    return match self.state {
                        State::Idle => Ok(None),
                        _ => Err(ErrorKind::UnexpectedEof.into()),
                    };
                }
                Ok(n) => buffer[..n].iter().for_each(|&byte| self.feed(byte)),
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
        }
        Ok(self.ready.pop_front())
    }
}
