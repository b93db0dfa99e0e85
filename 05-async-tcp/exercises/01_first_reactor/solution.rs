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

use std::collections::BTreeMap;
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
    /// Who waits for each source that is registered. None: no task does.
    wakers: BTreeMap<usize, Option<Waker>>,
    /// No source had it before.
    next_key: usize,
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
        let key = {
            let mut sources = self.lock();
            let key = sources.next_key;
            sources.next_key += 1;
            sources.wakers.insert(key, None);
            key
        };
        // If the poller refuses, the drop of this takes the key out again.
        let source = Source { reactor: self.clone(), key };
        self.poller.register(key, Interest::READABLE)?;
        Ok(source)
    }

    /// How many sources are registered.
    pub fn len(&self) -> usize {
        self.lock().wakers.len()
    }

    /// Waits until something is reported, and wakes the tasks that wait for it.
    ///
    /// # Errors
    /// That of the poller: it would wait for ever.
    pub fn turn(&self) -> Result<(), WouldWaitForEver> {
        let events = self.poller.poll()?;
        let woken: Vec<Waker> = {
            let mut sources = self.lock();
            events.iter().filter_map(|event| sources.wakers.get_mut(&event.token)?.take()).collect()
        };
        woken.into_iter().for_each(Waker::wake);
        Ok(())
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
        match call() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => return Poll::Ready(result),
        }
        let waker = cx.waker().clone();
        let old = self.reactor.lock().wakers.insert(self.key, Some(waker));
        drop(old);
        // Call again: the event may have come before the waker was there, and it comes once.
        match call() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            result => Poll::Ready(result),
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // If the poller has refused it, there is nothing to deregister.
        let _ = self.reactor.poller.deregister(self.key);
        let waker = self.reactor.lock().wakers.remove(&self.key);
        drop(waker);
    }
}
