//! A reactor: from an event to the task that waits for it.
//!
//! A task polls a `Source` with a call such as a read. Another thread, the reactor's, calls `turn`
//! again and again. The poller reports edges: each event comes once.
//! - `register` registers a source with the poller, for `Interest::READABLE`, under a token that no
//!   other source has.
//! - `poll_io` makes the call first. If it returns `WouldBlock`, the poll leaves its waker in the
//!   reactor, in place of that of an earlier poll, and returns Pending. The event may come at any
//!   moment, even after the call and before the waker is there: it must not be lost. Results other than
//!   `WouldBlock` are returned.
//! - `turn` polls the poller once, which may sleep, and wakes the tasks of the sources that were
//!   reported, and no others.
//! - A source that is dropped leaves nothing behind: neither its registration with the poller, nor
//!   anything in the reactor. The poller may have returned one of its events just before: that event
//!   must not wake the task of another source, not even of one that was registered since.
//! - The lock is not held during a call or while the poller polls, nor when a waker is cloned, woken or
//!   dropped.
//!
//! The tests come between wherever another thread could have the lock: keep what the threads share
//! under the `Mutex` that is imported here.
//!
//! Your task: what is in `Sources`; `register`, `turn`, `registered`, `poll_io` and `drop`.
//!
//! Read first: the book, "Where the reactor sits".
//! Check with `cargo workshop check first_reactor`.

use std::collections::HashMap;
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
    /// By their tokens, those that are registered. The waker: of the task that waits.
    wakers: HashMap<usize, Option<Waker>>,
    /// The token of the next source. None is used twice, so that a late event finds nothing.
    next: usize,
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
        let token = {
            let mut sources = self.lock();
            sources.next += 1;
            sources.next
        };
        self.poller.register(token, Interest::READABLE)?;
        self.lock().wakers.insert(token, None);
        Ok(Source { reactor: self.clone(), token })
    }

    /// Polls the poller once, and wakes those that wait for what it has reported.
    ///
    /// # Errors
    /// Those of the poller.
    pub fn turn(&self) -> Result<(), WouldWaitForEver> {
        let events = self.poller.poll()?;
        let woken: Vec<Waker> = {
            let mut sources = self.lock();
            let waker = |token| sources.wakers.get_mut(&token)?.take();
            events.iter().map(|event| event.token).filter_map(waker).collect()
        };
        woken.into_iter().for_each(Waker::wake);
        Ok(())
    }

    /// How many sources are registered.
    pub fn registered(&self) -> usize {
        self.lock().wakers.len()
    }

    /// Keeps a waker for the next event.
    fn keep(&self, token: usize, waker: Waker) {
        let old = self.lock().wakers.insert(token, Some(waker));
        // The lock has been given back: what drops with a waker may want it.
        drop(old);
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
        let result = attempt(&mut call);
        if result.is_ready() {
            return result;
        }
        self.reactor.keep(self.token, cx.waker().clone());
        // Look again: the event may have come when the waker was not there yet.
        attempt(&mut call)
    }
}

/// Makes the call once.
fn attempt<R>(call: &mut impl FnMut() -> io::Result<R>) -> Poll<io::Result<R>> {
    match call() {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // It cannot fail: the source is registered.
        let _ = self.reactor.poller.deregister(self.token);
        let waker = self.reactor.lock().wakers.remove(&self.token);
        drop(waker);
    }
}
