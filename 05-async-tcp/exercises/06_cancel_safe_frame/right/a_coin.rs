//! One buffer that is read into in place, written as polls; a coin decides who is asked first.

use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::AsyncRead;

type Frame = io::Result<Option<Vec<u8>>>;

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    max: usize,
    /// The first `filled` bytes were read; there is room behind them.
    buffer: Vec<u8>,
    filled: usize,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub const fn new(source: R, max: usize) -> Self {
        Self { source, max, buffer: Vec::new(), filled: 0 }
    }

    /// The payload of the next frame, or `None` if the stream ends between two frames.
    pub async fn next_frame(&mut self) -> Frame {
        poll_fn(|cx| self.poll_frame(cx)).await
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Frame> {
        loop {
            let mut goal = 4;
            if let [a, b, c, d, rest @ ..] = &self.buffer[..self.filled] {
                let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
                if length > self.max {
                    return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidData, "too long")));
                }
                if let Some(payload) = rest.get(..length) {
                    let payload = payload.to_vec();
                    self.buffer.copy_within(4 + length..self.filled, 0);
                    self.filled -= 4 + length;
                    return Poll::Ready(Ok(Some(payload)));
                }
                goal += length;
            }
            self.buffer.resize(goal.max(4096), 0);
            let source = Pin::new(&mut self.source);
            match ready!(source.poll_read(cx, &mut self.buffer[self.filled..]))? {
                0 if self.filled == 0 => return Poll::Ready(Ok(None)),
                0 => return Poll::Ready(Err(ErrorKind::UnexpectedEof.into())),
                n => self.filled += n,
            }
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
}

impl<R: AsyncRead + Unpin> Pair<R> {
    /// Reads from both.
    pub const fn new(a: Frames<R>, b: Frames<R>) -> Self {
        Self { a, b }
    }

    /// What `next_frame` of either returns first, and of which.
    pub async fn next(&mut self) -> (Side, Frame) {
        poll_fn(|cx| {
            let coin = RandomState::new().hash_one(()).is_multiple_of(2);
            let order = if coin { [Side::A, Side::B] } else { [Side::B, Side::A] };
            for side in order {
                let frames = if side == Side::A { &mut self.a } else { &mut self.b };
                if let Poll::Ready(frame) = frames.poll_frame(cx) {
                    return Poll::Ready((side, frame));
                }
            }
            Poll::Pending
        })
        .await
    }
}
