//! A reactor: it waits for all sources, and wakes the tasks that wait for one.
//!
//! A task polls a `Source`, and what it waits for is an event. A thread calls `turn`, at any moment.
//! - `register` gives each source a key, and registers that with the poller as readable. A key names
//!   one source, and never another one: an event that comes late wakes nobody.
//! - `poll_readable` tries the call. `WouldBlock` means: wait for an event, the waker of the latest poll
//!   is the one to wake. Whatever else the call returns is the result.
//! - The poller is edge-triggered: an event comes once, and possibly in the middle of a poll.
//! - `turn` waits for the poller, once, and wakes those that it reports.
//! - A source that is dropped leaves nothing in the poller, and nothing in the reactor.
//! - While a call runs, the poller waits, or a waker is cloned, woken or dropped, no lock is held.
//!
//! The tests come between wherever another thread could have the lock: keep what is shared under the
//! `Mutex` that is imported here.
//!
//! Your task: what is in `Sources`, and wherever it says `todo!` or "To do".
//!
//! Read first: the book, "Where the reactor sits".
//! Check with `cargo workshop check first_reactor`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::io::{self, ErrorKind};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

// The poller has `register(key, interest)`, `deregister(key)`, and `poll()`, which waits, and returns a
// list of events, each with its key as `token`. The mutex works like that of `std::sync`.
use testkit::{FakePoller, Interest, WouldWaitForEver};
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// Wakes the tasks that wait for a source.
pub struct Reactor {
    poller: FakePoller,
    sources: Mutex<Sources>,
}

#[derive(Default)]
struct Sources {
    // To do: who waits for which key? And which key is the next?
}

/// A registered source, for one task at a time.
pub struct Source {
    reactor: Arc<Reactor>,
    key: usize,
}

impl Reactor {
    /// A reactor without sources.
    pub fn new(poller: FakePoller) -> Arc<Self> {
        Arc::new(Self { poller, sources: Mutex::default() })
    }

    /// Registers a source, under a key of its own.
    ///
    /// # Errors
    /// Those of the poller.
    pub fn register(self: &Arc<Self>) -> io::Result<Source> {
        todo!("which key, and who must know it?")
    }

    /// How many sources are registered.
    pub fn len(&self) -> usize {
        todo!("how many are there?")
    }

    /// Waits until something is reported, and wakes the tasks that wait for it.
    ///
    /// # Errors
    /// That of the poller: it would wait for ever.
    pub fn turn(&self) -> Result<(), WouldWaitForEver> {
        todo!("what is reported, who waits for it, and what is locked when they are woken?")
    }

    fn lock(&self) -> MutexGuard<'_, Sources> {
        // Also after a panic: `drop` comes here while a panic unwinds, and must not panic as well.
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    /// The key under which the poller reports it.
    pub fn key(&self) -> usize {
        self.key
    }

    /// Calls, and waits if the call would block.
    pub fn poll_readable<R>(
        &self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        todo!("does the call succeed? if not: who will wake this task, and since when can they?")
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // To do: where would it otherwise still be known?
    }
}
