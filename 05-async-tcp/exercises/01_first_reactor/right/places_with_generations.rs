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

use std::io;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

// The poller is one by script: `register(token, interest)`, `poll()`, `deregister(token)`. The mutex works
// like that of `std::sync`, and the tests see when the lock is held.
use testkit::{FakePoller, Interest, WouldWaitForEver};
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// Waits for all sources, and wakes the tasks that wait for one.
pub struct Reactor {
    poller: FakePoller,
    sources: Mutex<Sources>,
}

#[derive(Default)]
struct Sources {
    places: Vec<Place>,
}

#[derive(Default)]
struct Place {
    /// Odd: in use.
    generation: usize,
    waker: Option<Waker>,
}

/// How many places there may be.
const PLACES: usize = 1 << 16;

impl Sources {
    fn get(&mut self, token: usize) -> Option<&mut Place> {
        let place = self.places.get_mut(token % PLACES)?;
        (place.generation == token / PLACES).then_some(place)
    }
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
        let mut sources = self.lock();
        let free = sources.places.iter().position(|place| place.generation.is_multiple_of(2));
        let index = free.unwrap_or_else(|| {
            sources.places.push(Place::default());
            sources.places.len() - 1
        });
        sources.places[index].generation += 1;
        let token = sources.places[index].generation * PLACES + index;
        let registered = self.poller.register(token, Interest::READABLE);
        if registered.is_err() {
            sources.places[index].generation += 1;
        }
        registered.map(|()| Source { reactor: self.clone(), token })
    }

    /// Polls the poller once, and wakes those that wait for what it has reported.
    ///
    /// # Errors
    /// Those of the poller.
    pub fn turn(&self) -> Result<(), WouldWaitForEver> {
        self.poller.poll().map(|events| {
            for event in events.iter().rev() {
                let waker = self.lock().get(event.token).and_then(|place| place.waker.clone());
                waker.inspect(Waker::wake_by_ref);
            }
        })
    }

    /// How many sources are registered.
    pub fn registered(&self) -> usize {
        self.lock().places.iter().filter(|place| place.generation % 2 == 1).count()
    }

    fn lock(&self) -> MutexGuard<'_, Sources> {
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
        // The waker first: then there is no moment between the call and it.
        let waker = cx.waker().clone();
        let old = self.reactor.lock().get(self.token).and_then(|place| place.waker.replace(waker));
        drop(old);
        match call() {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock) => Poll::Pending,
            result => Poll::Ready(result),
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let _ = self.reactor.poller.deregister(self.token);
        let waker = self.reactor.lock().get(self.token).and_then(|place| {
            place.generation += 1;
            place.waker.take()
        });
        drop(waker);
    }
}
