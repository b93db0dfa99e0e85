//! Frames that survive a timeout.
//!
//! A frame is four bytes that say how long its payload is (big endian), and the payload. `next_frame`
//! returns the next one. Its future may be dropped whenever it is pending: the next call continues where
//! it was, and no byte is lost.
//! - It reads only if no whole frame is here. Frames that came together, up to 1 KiB, cost one read.
//! - It returns `None` if the stream ends between two frames, and `UnexpectedEof` if it ends inside one.
//!   Any other error of a read is returned, and what came before it is kept.
//! - A frame that announces more than `max` bytes is `InvalidData` as soon as its length is here.
//!
//! `Pair::next` awaits two of them in one task, and returns what the first of them returns, be it a
//! frame, the end or an error. If both always have something, both win again and again. Its future may
//! be dropped like that of `next_frame`.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::task::Poll;

use futures::io::{AsyncRead, AsyncReadExt};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: R,
    /// The longest payload that is accepted.
    max: usize,
    /// Bytes that were read and not yet returned. Begins at the first byte of a frame.
    received: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R, max: usize) -> Self {
        Self { source, max, received: Vec::new() }
    }

    /// The payload of the next frame, or `None` if the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` if the stream ends inside a frame, `InvalidData` if one is longer than `max`.
    /// Whatever a read reports.
    ///
    /// # Cancel safety
    /// If the future is dropped, nothing is lost: what was read stays in `self`.
    pub async fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut piece = [0; 1024];
        loop {
            if let Some(frame) = self.take_frame()? {
                return Ok(Some(frame));
            }
            // The only await: while it is pending, `piece` is empty.
            match self.source.read(&mut piece).await? {
                0 if self.received.is_empty() => return Ok(None),
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                n => self.received.extend_from_slice(&piece[..n]),
            }
        }
    }

    /// Takes the first frame out of `received` if all of it is there.
    fn take_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some((length, rest)) = self.received.split_first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > self.max {
            return Err(ErrorKind::InvalidData.into());
        }
        let Some(payload) = rest.get(..length) else { return Ok(None) };
        let payload = payload.to_vec();
        self.received.drain(..4 + length);
        Ok(Some(payload))
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
    /// Who is asked first next time: the one that has not won.
    first: Side,
}

impl<R: AsyncRead + Unpin> Pair<R> {
    /// Reads from both.
    pub fn new(a: Frames<R>, b: Frames<R>) -> Self {
        Self { a, b, first: Side::A }
    }

    /// What `next_frame` of either returns first, and of which.
    ///
    /// # Cancel safety
    /// If the future is dropped, nothing is lost.
    pub async fn next(&mut self) -> (Side, io::Result<Option<Vec<u8>>>) {
        let mut a = pin!(self.a.next_frame());
        let mut b = pin!(self.b.next_frame());
        let first = &mut self.first;
        poll_fn(|cx| {
            let order = match *first {
                Side::A => [Side::A, Side::B],
                Side::B => [Side::B, Side::A],
            };
            for (side, other) in [(order[0], order[1]), (order[1], order[0])] {
                let polled = match side {
                    Side::A => a.as_mut().poll(cx),
                    Side::B => b.as_mut().poll(cx),
                };
                if let Poll::Ready(result) = polled {
                    *first = other;
                    return Poll::Ready((side, result));
                }
            }
            Poll::Pending
        })
        .await
    }
}
