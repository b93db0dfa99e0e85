//! One direction of a socket: whether a call may succeed, and who waits until it may.
//!
//! A task polls, on one thread at a time. The reactor calls `report` when an event has come, from any
//! thread and at any moment, also while a call runs.
//! - A new direction counts as ready. It is ready until a call has returned `WouldBlock`, and again from
//!   the next `report` on. A call that succeeds or fails otherwise leaves it ready: there may be more.
//! - While it is ready, `poll_io` calls, and returns the result. While it is not, no call is made: it
//!   leaves the waker and returns Pending. The waker of the latest poll is the one to wake.
//! - An event comes once, and is never lost. One that comes after a call has begun may be about something
//!   that this call has not seen.
//! - `report` wakes the task that waits. An event may have nothing behind it.
//! - While a call runs, or a waker is cloned, woken or dropped, no lock is held.
//!
//! The tests come between wherever another thread could have the lock: keep the state under the `Mutex`
//! that is imported here.
//!
//! Your task: what is in `State`, and the three methods.
//!
//! Read first: the book, "Readiness".
//! Check with `cargo workshop check readiness`.

use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker, ready};

// They work like those of `std::sync`, and the tests see what is done with them.
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// One direction of a socket.
pub struct Direction {
    state: Mutex<State>,
}

struct State {
    /// Whether a call may succeed: no call has refuted the last event yet.
    ready: bool,
    /// How many events have come. It tells a call that returns `WouldBlock` whether what it refutes is
    /// older than the last event.
    tick: u64,
    /// Of the task that waits.
    waker: Option<Waker>,
}

impl Direction {
    /// Of a new socket.
    pub fn new() -> Self {
        Self { state: Mutex::new(State { ready: true, tick: 0, waker: None }) }
    }

    /// Calls if the call may succeed, and waits while it may not.
    pub fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            let tick = ready!(self.poll_ready(cx));
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.clear(tick),
                result => return Poll::Ready(result),
            }
        }
    }

    /// Waits until a call may succeed, and returns the tick to `clear` if it does not.
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

    /// A call has returned `WouldBlock`. That refutes no event that has come since this tick.
    fn clear(&self, tick: u64) {
        let mut state = self.lock();
        if state.tick == tick {
            state.ready = false;
        }
    }

    /// An event has come.
    pub fn report(&self) {
        let waker = {
            let mut state = self.lock();
            state.ready = true;
            state.tick += 1;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("direction lock: nothing that panics runs while it is held")
    }
}

impl State {
    fn readiness(&self) -> Poll<u64> {
        if self.ready { Poll::Ready(self.tick) } else { Poll::Pending }
    }
}
