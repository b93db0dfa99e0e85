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
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker};

// They work like those of `std::sync`, and the tests see what is done with them.
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// One direction of a socket.
pub struct Direction {
    state: Mutex<State>,
}

struct State {
    // To do: what is known, and who waits?
}

impl Direction {
    /// Of a new socket.
    pub fn new() -> Self {
        todo!("is it ready?")
    }

    /// Calls if the call may succeed, and waits while it may not.
    pub fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        todo!("is it ready? and what does `WouldBlock` say about an event that came during the call?")
    }

    /// An event has come.
    pub fn report(&self) {
        todo!("what must the next poll know, and who waits?")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("direction lock: nothing that panics runs while it is held")
    }
}
