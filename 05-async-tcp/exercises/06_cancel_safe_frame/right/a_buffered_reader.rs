//! A `BufReader` keeps what was read too far, and the frame that has begun is a state.

use std::io::{self, ErrorKind};

use futures::future::{self, Either, FutureExt};
use futures::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: BufReader<R>,
    /// The longest payload that is accepted.
    max: usize,
    /// The bytes of the frame that has begun, its length among them.
    begun: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R, max: usize) -> Self {
        Self { source: BufReader::new(source), max, begun: Vec::new() }
    }

    /// How many bytes the frame that has begun has in all, as far as it is known.
    fn goal(&self) -> io::Result<usize> {
        match self.begun.first_chunk() {
            None => Ok(4),
            Some(length) => match usize::try_from(u32::from_be_bytes(*length)) {
                Ok(length) if length <= self.max => Ok(4 + length),
                _ => Err(ErrorKind::InvalidData.into()),
            },
        }
    }

    /// The payload of the next frame, or `None` if the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` if the stream ends inside a frame, `InvalidData` if one is longer than `max`.
    /// Whatever a read reports.
    pub async fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let missing = self.goal()? - self.begun.len();
            if missing == 0 && self.begun.len() >= 4 {
                self.begun.drain(..4);
                return Ok(Some(std::mem::take(&mut self.begun)));
            }
            let here = self.source.fill_buf().await?;
            if here.is_empty() {
                let is_between = self.begun.is_empty();
                return if is_between { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
            }
            let n = here.len().min(missing);
            self.begun.extend_from_slice(&here[..n]);
            self.source.consume_unpin(n);
        }
    }
}

/// Which of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    A,
    B,
}

/// Two streams of frames, read by one task.
pub struct Pair<R> {
    a: Frames<R>,
    b: Frames<R>,
    turns: usize,
}

impl<R: AsyncRead + Unpin> Pair<R> {
    /// Reads from both.
    pub fn new(a: Frames<R>, b: Frames<R>) -> Self {
        Self { a, b, turns: 0 }
    }

    /// What `next_frame` of either returns first, and of which.
    pub async fn next(&mut self) -> (Side, io::Result<Option<Vec<u8>>>) {
        self.turns = self.turns.wrapping_add(1);
        let (a, b) = (self.a.next_frame().boxed_local(), self.b.next_frame().boxed_local());
        let (first, second, names) = if self.turns.is_multiple_of(2) {
            (a, b, [Side::A, Side::B])
        } else {
            (b, a, [Side::B, Side::A])
        };
        match future::select(first, second).await {
            Either::Left((result, _)) => (names[0], result),
            Either::Right((result, _)) => (names[1], result),
        }
    }
}
