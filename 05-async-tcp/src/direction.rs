//! One direction of a socket: whether a call may succeed, and who waits until it may.

use std::io;
use std::mem;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use crate::slab::Slab;

// ANCHOR: direction
/// One direction of a socket.
#[derive(Debug)]
pub(crate) struct Direction {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Whether a call may succeed. True until one has returned `WouldBlock`, and again from the next
    /// event on: an edge is reported once, so it is kept here until a call has refuted it.
    ready: bool,
    /// Whether an event has reported the end of this direction. No event repeats it, so it never
    /// becomes false again.
    closed: bool,
    /// How many events have come. It tells a call that returns `WouldBlock` whether what it refutes
    /// is older than the last event.
    tick: u64,
    /// Whether the reactor has shut down: no event will come.
    abandoned: bool,
    /// Of the task that reads, or writes, through `&mut`: there is one at most.
    waker: Option<Waker>,
    /// Of those that wait through `&self`, as in `accept`.
    waiters: Slab<Waker>,
}

/// Where the waker of somebody who waits is kept.
pub(crate) enum Place<'a> {
    /// In the slot of the one that has `&mut`.
    Own,
    /// In the list, under this key. None: not there yet, or woken.
    Listed(&'a mut Option<usize>),
}
// ANCHOR_END: direction

impl Direction {
    /// Of a new socket. It counts as ready: whether it is, the first call finds out.
    pub(crate) fn new() -> Self {
        let (waker, waiters) = (None, Slab::new());
        let state = State { ready: true, closed: false, tick: 0, abandoned: false, waker, waiters };
        Self { state: Mutex::new(state) }
    }

    // ANCHOR: poll_ready
    /// Waits until a call may succeed, and returns the tick to [`clear`](Self::clear) if it did not.
    ///
    /// # Errors
    /// The reactor has shut down.
    pub(crate) fn poll_ready(&self, place: Place<'_>, cx: &Context<'_>) -> Poll<io::Result<u64>> {
        if let ready @ Poll::Ready(_) = self.lock().readiness() {
            return ready;
        }
        // Clone and drop of a waker run code of others: neither under the lock.
        let waker = cx.waker().clone();
        let mut state = self.lock();
        // Look again: the event may have come meanwhile.
        if let ready @ Poll::Ready(_) = state.readiness() {
            return ready;
        }
        let old = state.keep(place, waker);
        drop(state);
        drop(old);
        Poll::Pending
    }
    // ANCHOR_END: poll_ready

    // ANCHOR: clear
    /// A call has returned `WouldBlock`: it is not ready any more. Unless an event has come since
    /// [`poll_ready`](Self::poll_ready) returned this tick: the call may not have seen what it reports.
    pub(crate) fn clear(&self, tick: u64) {
        let mut state = self.lock();
        if state.tick == tick {
            state.ready = false;
        }
    }

    /// A call has taken less than there was room for: the next one would only return `WouldBlock`.
    /// Unless the end has been reported: then it returns that, and no event repeats it.
    pub(crate) fn clear_unless_closed(&self, tick: u64) {
        let mut state = self.lock();
        if state.tick == tick && !state.closed {
            state.ready = false;
        }
    }
    // ANCHOR_END: clear

    // ANCHOR: report
    /// An event has come. Who waits for it is added to `woken`, for the caller to wake once it holds no
    /// lock.
    pub(crate) fn report(&self, closed: bool, woken: &mut Vec<Waker>) {
        let mut state = self.lock();
        state.ready = true;
        state.closed |= closed;
        state.tick += 1;
        state.take_all(woken);
    }
    // ANCHOR_END: report

    /// No event will come any more.
    pub(crate) fn abandon(&self, woken: &mut Vec<Waker>) {
        let mut state = self.lock();
        state.abandoned = true;
        state.take_all(woken);
    }

    /// Takes a waiter out of the list.
    pub(crate) fn forget(&self, key: usize) {
        let waker = self.lock().waiters.remove(key);
        drop(waker);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("direction lock: nothing that panics runs while it is held")
    }
}

impl State {
    fn readiness(&self) -> Poll<io::Result<u64>> {
        match self {
            Self { abandoned: true, .. } => Poll::Ready(Err(shut_down())),
            Self { ready: true, tick, .. } => Poll::Ready(Ok(*tick)),
            _ => Poll::Pending,
        }
    }

    /// Keeps a waker. Returns the one that was there.
    fn keep(&mut self, place: Place<'_>, waker: Waker) -> Option<Waker> {
        let key = match place {
            Place::Own => return self.waker.replace(waker),
            Place::Listed(key) => key,
        };
        match key.and_then(|key| self.waiters.get_mut(key)) {
            Some(kept) => Some(mem::replace(kept, waker)),
            None => {
                *key = Some(self.waiters.insert(waker));
                None
            }
        }
    }

    fn take_all(&mut self, woken: &mut Vec<Waker>) {
        woken.extend(self.waker.take());
        self.waiters.drain_into(woken);
    }
}

/// What a socket says whose runtime has ended.
pub(crate) fn shut_down() -> io::Error {
    io::Error::other("the runtime that this socket belongs to has shut down")
}

impl Place<'_> {
    pub(crate) fn reborrow(&mut self) -> Place<'_> {
        match self {
            Self::Own => Place::Own,
            Self::Listed(key) => Place::Listed(key),
        }
    }
}
