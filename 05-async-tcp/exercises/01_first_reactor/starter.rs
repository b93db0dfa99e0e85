//! A reactor: from an event to the task that waits for it.
//!
//! A task polls a `Source` with a call such as a read. Another thread, the reactor's, calls `turn`
//! again and again. The poller reports edges: each event comes once.
//! - `register` registers a source with the poller, for `Interest::READABLE`, under a token that no
//!   other source has.
//! - `poll_io` makes the call first. If it returns `WouldBlock`, the poll leaves its waker in the
//!   reactor, in place of that of an earlier poll, and returns Pending. The event may come at any
//!   moment, even after the call and before the waker is there, and must not be lost. Results other than
//!   `WouldBlock` are returned.
//! - `turn` polls the poller once, which may sleep, and wakes the tasks of the sources that were
//!   reported, and no others.
//! - A source that is dropped leaves nothing behind: neither its registration with the poller, nor
//!   anything in the reactor. The poller may have returned one of its events just before: that event
//!   must not wake the task of another source, not even of one that was registered since.
//! - The lock is not held during a call or while the poller polls, nor when a waker is cloned, woken or
//!   dropped.
//!
//! The tests act as another thread, wherever that could have the lock. So keep what the threads share
//! under the `Mutex` that is imported here.
//!
//! Your task: what is in `Sources`; `register`, `turn`, `registered`, `poll_io` and `drop`.
//!
//! Read first: the book, "Where the reactor sits".
//! Check with `cargo workshop check first_reactor`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

// The poller follows a script: `register(token, interest)`, `deregister(token)`, and `poll()`, which returns
// events with a `token` each. The mutex works like that of `std::sync`; the tests see when it is held.
use testkit::{FakePoller, Interest, WouldWaitForEver};
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// Waits for all sources, and wakes the tasks that wait for one.
pub struct Reactor {
    poller: FakePoller,
    sources: Mutex<Sources>,
}

#[derive(Default)]
struct Sources {
    // To do: from a token to the task that waits.
}

impl Reactor {
    /// A reactor without sources.
    pub fn new(poller: FakePoller) -> Arc<Self> {
        Arc::new(Self { poller, sources: Mutex::default() })
    }

    /// Registers a source.
    ///
    /// # Errors
    /// Those of the poller.
    pub fn register(self: &Arc<Self>) -> io::Result<Source> {
        todo!("which token, and what does the reactor need to know of the source?")
    }

    /// Polls the poller once, and wakes those that wait for what it has reported.
    ///
    /// # Errors
    /// Those of the poller.
    pub fn turn(&self) -> Result<(), WouldWaitForEver> {
        todo!("which tasks wait for what was reported?")
    }

    /// How many sources are registered.
    pub fn registered(&self) -> usize {
        todo!("how many are there?")
    }

    fn lock(&self) -> MutexGuard<'_, Sources> {
        // Also after a panic: `drop` comes here while a panic unwinds, and must not panic as well.
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that the poller reports when it is readable.
pub struct Source {
    reactor: Arc<Reactor>,
    token: usize,
}

impl Source {
    /// Makes the call until its result is not `WouldBlock`, and waits in between.
    pub fn poll_io<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        todo!("the call first; and what if the event comes right after it?")
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // To do: what would otherwise stay, and where?
    }
}
