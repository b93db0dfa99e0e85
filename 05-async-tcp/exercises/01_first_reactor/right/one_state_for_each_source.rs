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

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

// The poller is one by script: `register(token, interest)`, `poll()`, `deregister(token)`. The mutex works
// like that of `std::sync`, and the tests see when the lock is held.
use testkit::{FakePoller, Interest, WouldWaitForEver};
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// Waits for all sources, and wakes the tasks that wait for one.
pub struct Reactor {
    poller: FakePoller,
    sources: Mutex<Sources>,
    next: AtomicUsize,
}

#[derive(Default)]
struct Sources {
    all: BTreeMap<usize, Weak<Mutex<State>>>,
}

/// What a source is waiting for.
enum State {
    /// Nothing: it is not waiting.
    Idle,
    Waits(Waker),
    /// An event has come, and no call has been made since.
    Reported,
}

impl Reactor {
    /// A reactor without sources.
    pub fn new(poller: FakePoller) -> Arc<Self> {
        Arc::new(Self { poller, sources: Mutex::default(), next: AtomicUsize::new(7) })
    }

    /// Registers a source.
    ///
    /// # Errors
    /// Those of the poller.
    pub fn register(self: &Arc<Self>) -> io::Result<Source> {
        let token = self.next.fetch_add(1, Relaxed);
        let state = Arc::new(Mutex::new(State::Idle));
        self.lock().all.insert(token, Arc::downgrade(&state));
        let source = Source { reactor: self.clone(), token, state };
        self.poller.register(token, Interest::READABLE)?;
        Ok(source)
    }

    /// Polls the poller once, and wakes those that wait for what it has reported.
    ///
    /// # Errors
    /// Those of the poller.
    pub fn turn(&self) -> Result<(), WouldWaitForEver> {
        for event in self.poller.poll()? {
            let state = self.lock().all.get(&event.token).and_then(Weak::upgrade);
            let Some(state) = state else { continue };
            let before = mem::replace(&mut *lock(&state), State::Reported);
            if let State::Waits(waker) = before {
                waker.wake();
            }
        }
        Ok(())
    }

    /// How many sources are registered.
    pub fn registered(&self) -> usize {
        self.lock().all.len()
    }

    fn lock(&self) -> MutexGuard<'_, Sources> {
        lock(&self.sources)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that the poller reports when it is readable.
pub struct Source {
    reactor: Arc<Reactor>,
    token: usize,
    state: Arc<Mutex<State>>,
}

impl Source {
    /// Makes the call until its result is not `WouldBlock`, and waits in between.
    pub fn poll_io<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            let before = mem::replace(&mut *lock(&self.state), State::Idle);
            drop(before);
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            let waker = cx.waker().clone();
            let mut state = lock(&self.state);
            if matches!(*state, State::Idle) {
                *state = State::Waits(waker);
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.reactor.lock().all.remove(&self.token);
        let _ = self.reactor.poller.deregister(self.token);
    }
}
