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
//! - The drop of the read half ends nothing. When both halves are gone the socket is dropped, which closes
//!   it.
//! - No task is woken while a lock is held. The halves can be sent to other threads.
//!
//! The tests act as another thread, wherever that could have the lock. So if you lock, use the `Mutex`
//! that is imported here.
//!
//! Your task: what is in `State`, `report`, the `poll`s of both halves, and `drop`.
//!
//! Read first: the book, "Readers and writers", "Splitting a stream".
//! Check with `cargo workshop check split`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, AsyncWrite};
// They work like those of `std::sync`, and the tests see when the lock is held.
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// A connected socket in non-blocking mode: a call that would wait returns `WouldBlock`. Dropped, it is
/// closed.
pub trait Socket: Send + Sync + 'static {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
    /// Sends the end: the peer reads it after all that was written.
    fn shutdown_write(&self) -> io::Result<()>;
}

/// What the reactor has of a socket: the tasks that wait for it.
#[derive(Default)]
pub struct Source {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    // To do: which tasks wait, and for what?
}

impl Source {
    /// The socket has become readable, or writable, or both.
    pub fn report(&self, readable: bool, writable: bool) {
        todo!("whom does this event concern?")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        todo!("what does the socket say? and if an event comes now, whom does it find?")
    }
}

impl<S: Socket> AsyncWrite for WriteHalf<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        todo!("as poll_read, in the other direction")
    }

    /// Nothing to do: what was written is with the system.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        todo!("how does the peer learn that nothing more will come?")
    }
}

impl<S: Socket> Drop for WriteHalf<S> {
    fn drop(&mut self) {
        // To do: the peer may wait for the end. What else still needs the socket?
    }
}
