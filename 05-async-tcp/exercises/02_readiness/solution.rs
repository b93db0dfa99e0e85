//! One direction of a socket: when may its task make the call?
//!
//! A task polls `poll_io` with a call such as a read. Another thread, the reactor's, calls `report` for
//! each event. Events are edges: each comes once, and only because something is new.
//! - A new direction is ready. As long as it is ready, a poll makes the call. While it is not, a poll
//!   makes no call: it keeps its waker, in place of that of an earlier poll, and returns Pending.
//! - `report` makes the direction ready, and wakes the task that waits. There may be nothing behind an
//!   event.
//! - Two results of a call say that nothing is left: `WouldBlock`, and a transfer of at least one byte,
//!   but fewer than `room`. Then the direction is no longer ready. But if an event has come since the
//!   call began, the call may not have seen what the event was about, and the direction stays ready.
//! - The peer's end is reported once, by `report(true)`, which may be the event of its last bytes as
//!   well. Later events do not repeat it. So from then on a short transfer says nothing: the end may
//!   be behind it.
//! - `WouldBlock` is not returned to the task. Every other result is.
//! - Calls are made, and wakers are cloned, woken and dropped, while the lock is not held.
//!
//! The tests come between wherever the reactor could have the lock: keep the state under the `Mutex`
//! that is imported here. One task polls at a time.
//!
//! Your task: what else is in `State`; `poll_io` and `report`.
//!
//! Read first: the book, "Readiness".
//! Check with `cargo workshop check readiness`.

use std::io::{self, ErrorKind};
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker, ready};

// They work like those of `std::sync`, and the tests see when the lock is held.
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// One direction of a socket.
pub struct Direction {
    state: Mutex<State>,
}

struct State {
    /// Whether a call may succeed: no call has shown since the last event that nothing is left.
    ready: bool,
    /// Whether an event has reported the peer's end.
    closed: bool,
    /// How many events have come.
    tick: u64,
    /// Wakes the task that waits.
    waker: Option<Waker>,
}

impl Direction {
    /// Of a new socket. Whether it really is ready, the first call finds out.
    pub fn new() -> Self {
        Self { state: Mutex::new(State { ready: true, closed: false, tick: 0, waker: None }) }
    }

    /// Makes the call, which transfers up to `room` bytes, as soon as it may succeed.
    pub fn poll_io(
        &self,
        room: usize,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let tick = ready!(self.poll_ready(cx));
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.clear(tick),
                Ok(n) if 0 < n && n < room => {
                    self.clear_unless_closed(tick);
                    return Poll::Ready(Ok(n));
                }
                result => return Poll::Ready(result),
            }
        }
    }

    /// An event has come. With `closed`, the peer has sent its last byte.
    pub fn report(&self, closed: bool) {
        let waker = {
            let mut state = self.lock();
            state.ready = true;
            state.closed |= closed;
            state.tick += 1;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits until a call may succeed. The tick says which events came before that call.
    fn poll_ready(&self, cx: &Context<'_>) -> Poll<u64> {
        if let ready @ Poll::Ready(_) = self.lock().readiness() {
            return ready;
        }
        let waker = cx.waker().clone();
        let mut state = self.lock();
        // Look again: the event may have come while the waker was cloned.
        if let ready @ Poll::Ready(_) = state.readiness() {
            return ready;
        }
        let old = state.waker.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// A call has returned `WouldBlock`. What has come since the tick, it may not have seen.
    fn clear(&self, tick: u64) {
        let mut state = self.lock();
        if state.tick == tick {
            state.ready = false;
        }
    }

    /// A call has transferred less than it could.
    fn clear_unless_closed(&self, tick: u64) {
        let mut state = self.lock();
        if state.tick == tick && !state.closed {
            state.ready = false;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn readiness(&self) -> Poll<u64> {
        if self.ready { Poll::Ready(self.tick) } else { Poll::Pending }
    }
}
