//! The two directions of a connection, each with a waker of its own.

use std::io;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};

use super::TcpStream;

// ANCHOR: split
/// Reads from a connection. Made by [`TcpStream::split_mut`].
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a TcpStream);

/// Writes to a connection. Made by [`TcpStream::split_mut`].
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a TcpStream);

/// Reads from a connection. Made by [`TcpStream::into_split`].
#[derive(Debug)]
pub struct OwnedReadHalf(Arc<TcpStream>);

/// Writes to a connection. Made by [`TcpStream::into_split`]. Dropping it ends this direction: the other
/// end reads the end of the stream.
#[derive(Debug)]
pub struct OwnedWriteHalf(Arc<TcpStream>);
// ANCHOR_END: split

impl<'a> ReadHalf<'a> {
    pub(super) fn new(stream: &'a TcpStream) -> Self {
        Self(stream)
    }
}

impl<'a> WriteHalf<'a> {
    pub(super) fn new(stream: &'a TcpStream) -> Self {
        Self(stream)
    }
}

impl OwnedReadHalf {
    pub(super) fn new(stream: Arc<TcpStream>) -> Self {
        Self(stream)
    }
}

impl OwnedWriteHalf {
    pub(super) fn new(stream: Arc<TcpStream>) -> Self {
        Self(stream)
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        // If it fails, the connection has ended already.
        let _ = self.0.close_write();
    }
}

macro_rules! halves {
    ($read:ty, $write:ty) => {
        impl Deref for $read {
            type Target = TcpStream;

            fn deref(&self) -> &TcpStream {
                &self.0
            }
        }

        impl Deref for $write {
            type Target = TcpStream;

            fn deref(&self) -> &TcpStream {
                &self.0
            }
        }

        impl AsyncRead for $read {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.0.poll_read(cx, buffer)
            }
        }

        impl AsyncWrite for $write {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.0.poll_write(cx, bytes)
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.0.close_write())
            }
        }
    };
}

halves!(ReadHalf<'_>, WriteHalf<'_>);
halves!(OwnedReadHalf, OwnedWriteHalf);
