//! A connection in two halves, for two tasks.
//!
//! One task reads while another writes, on one socket. The reactor calls `Source::report` at the moment
//! when the socket becomes readable or writable, once, and on any thread: it is an edge.
//! - A half tries its call first. If that returns `WouldBlock`, its task waits. All other errors are
//!   returned.
//! - An event wakes the task that waits for this direction, with the waker of its latest poll, and does
//!   not wake the other one. An event that comes in the middle of a poll is not lost.
//! - `close` sends the end, with `shutdown_write`, and returns what that returns. The drop of the write
//!   half sends it as well, and ignores an error. Reading continues after both.
//! - The drop of the read half ends nothing. When both halves are gone the socket is dropped: that closes
//!   it.
//! - No task is woken while a lock is held. The halves can be sent to other threads.
//!
//! The tests come between wherever another thread could have the lock: if you lock, use the `Mutex` that
//! is imported here.
//!
//! Your task: what is in `State`, `report`, the `poll`s of both halves, and `drop`.
//!
//! Read first: the book, "Readers and writers", "Splitting a stream".
//! Check with `cargo workshop check split`.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use futures::task::AtomicWaker;

/// A connected socket in non-blocking mode: a call that would wait returns `WouldBlock`. Dropped, it is
/// closed.
pub trait Socket: Send + Sync + 'static {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
    /// Sends the end: the peer reads it after all that was written.
    fn shutdown_write(&self) -> io::Result<()>;
}

/// What the reactor has of a socket: the tasks that wait for it, or have waited.
#[derive(Default)]
pub struct Source {
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Source {
    /// The socket has become readable, or writable, or both.
    pub fn report(&self, readable: bool, writable: bool) {
        if readable {
            self.reader.wake();
        }
        if writable {
            self.writer.wake();
        }
    }
}

/// The two halves of a socket, whose events are reported to `source`.
pub fn split<S: Socket>(socket: S, source: Arc<Source>) -> (ReadHalf<S>, WriteHalf<S>) {
    let shared = Arc::new(Shared { socket, source });
    (ReadHalf { shared: shared.clone() }, WriteHalf { shared })
}

/// The half that reads.
pub struct ReadHalf<S: Socket> {
    shared: Arc<Shared<S>>,
}

/// The half that writes.
pub struct WriteHalf<S: Socket> {
    shared: Arc<Shared<S>>,
}

struct Shared<S> {
    socket: S,
    source: Arc<Source>,
}

impl<S: Socket> AsyncRead for ReadHalf<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.shared.source.reader.register(cx.waker());
        refused_is_pending(self.shared.socket.read(buffer))
    }
}

impl<S: Socket> AsyncWrite for WriteHalf<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.shared.source.writer.register(cx.waker());
        refused_is_pending(self.shared.socket.write(bytes))
    }

    /// Nothing to do: what was written is with the system.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shared.socket.shutdown_write())
    }
}

impl<S: Socket> Drop for WriteHalf<S> {
    fn drop(&mut self) {
        // If it fails, the connection is over, and the peer knows.
        let _ = self.shared.socket.shutdown_write();
    }
}

/// What a poll returns that has stored its waker before the call.
fn refused_is_pending(result: io::Result<usize>) -> Poll<io::Result<usize>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}
