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
    read: Direction,
    write: Direction,
}

#[derive(Default)]
struct Direction {
    /// The waker of the latest poll that returned `Pending`.
    waker: Option<Waker>,
    /// How many events have come.
    tick: u64,
}

impl Source {
    /// The socket has become readable, or writable, or both.
    pub fn report(&self, readable: bool, writable: bool) {
        let woken = {
            let mut state = self.lock();
            let reader = if readable { state.read.report() } else { None };
            let writer = if writable { state.write.report() } else { None };
            [reader, writer]
        };
        // The lock has been given back: what a wake runs may want it.
        woken.into_iter().flatten().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls until the result is not `WouldBlock`, and waits in between. `of` is the call's direction.
    fn poll_call(
        &self,
        of: impl Fn(&mut State) -> &mut Direction,
        cx: &Context<'_>,
        mut call: impl FnMut() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let tick = of(&mut self.lock()).tick;
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            // Before the lock: cloning a waker runs code that is not ours.
            let waker = cx.waker().clone();
            let mut state = self.lock();
            let direction = of(&mut state);
            // Otherwise an event has come since the call, and has found no waker: call again.
            if direction.tick == tick {
                let old = direction.waker.replace(waker);
                drop(state);
                drop(old);
                return Poll::Pending;
            }
        }
    }
}

impl Direction {
    /// An event has come. Returns whom to wake.
    fn report(&mut self) -> Option<Waker> {
        self.tick += 1;
        self.waker.take()
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
        let Shared { socket, source } = &*self.shared;
        source.poll_call(|state| &mut state.read, cx, || socket.read(buffer))
    }
}

impl<S: Socket> AsyncWrite for WriteHalf<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Shared { socket, source } = &*self.shared;
        source.poll_call(|state| &mut state.write, cx, || socket.write(bytes))
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
