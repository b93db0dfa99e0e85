//! A state machine that is fed single bytes, and hands out frames in the order of their last ones.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};

enum State {
    /// Between two frames.
    Idle,
    /// The first byte of the length is here.
    Half(u8),
    /// The length is here, and some of the payload.
    Payload { length: usize, bytes: Vec<u8> },
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
                let length = usize::from(u16::from_be_bytes([*high, byte]));
                self.state = State::Payload { length, bytes: Vec::new() };
            }
            State::Payload { bytes, .. } => bytes.push(byte),
        }
        self.hand_out();
    }

    /// Ends the frame if it is whole.
    fn hand_out(&mut self) {
        if let State::Payload { length, bytes } = &mut self.state
            && bytes.len() == *length
        {
            self.ready.push_back(std::mem::take(bytes));
            self.state = State::Idle;
        }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut buffer = [0; 100];
        while self.ready.is_empty() {
            match self.source.read(&mut buffer) {
                Ok(0) => match self.state {
                    State::Idle => return Ok(None),
                    _ => return Err(ErrorKind::UnexpectedEof.into()),
                },
                Ok(n) => buffer[..n].iter().for_each(|byte| self.feed(*byte)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.ready.pop_front())
    }
}
