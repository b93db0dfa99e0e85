//! A place to sleep in that counts, and that may do something before it sleeps.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use executor::clock::Clock;
use executor::park::{Park, ThreadPark, Unpark};

/// A [`ThreadPark`] with a hook before each sleep, and a count of each call.
#[derive(Clone, Default)]
pub struct Counts {
    shared: Arc<Shared>,
}

type Hook = Box<dyn FnMut(Option<Duration>) + Send>;

#[derive(Default)]
struct Shared {
    sleeps: AtomicUsize,
    looks: AtomicUsize,
    unparks: AtomicUsize,
    hook: Mutex<Option<Hook>>,
}

impl Counts {
    /// How often a thread slept.
    pub fn sleeps(&self) -> usize {
        self.shared.sleeps.load(SeqCst)
    }

    /// How often a thread looked for events without sleeping.
    pub fn looks(&self) -> usize {
        self.shared.looks.load(SeqCst)
    }

    /// How often a sleep was ended: each would be a system call.
    pub fn unparks(&self) -> usize {
        self.shared.unparks.load(SeqCst)
    }

    /// Calls `hook` before each sleep, with its limit.
    pub fn before_sleep(&self, hook: impl FnMut(Option<Duration>) + Send + 'static) {
        *self.shared.hook.lock().unwrap() = Some(Box::new(hook));
    }

    /// The place.
    pub fn park(&self) -> CountingPark {
        CountingPark { inner: ThreadPark::new(), counts: self.clone() }
    }
}

pub struct CountingPark {
    inner: ThreadPark,
    counts: Counts,
}

impl Park for CountingPark {
    fn park(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let shared = &self.counts.shared;
        if limit == Some(Duration::ZERO) {
            shared.looks.fetch_add(1, SeqCst);
            return self.inner.park(limit);
        }
        shared.sleeps.fetch_add(1, SeqCst);
        if let Some(hook) = &mut *shared.hook.lock().unwrap() {
            hook(limit);
        }
        self.inner.park(limit)
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        Arc::new(CountingUnpark { inner: self.inner.unparker(), counts: self.counts.clone() })
    }
}

struct CountingUnpark {
    inner: Arc<dyn Unpark>,
    counts: Counts,
}

impl Unpark for CountingUnpark {
    fn unpark(&self) {
        self.counts.shared.unparks.fetch_add(1, SeqCst);
        self.inner.unpark();
    }
}

/// A clock that stands still; as a park, it jumps to the end of each sleep.
#[derive(Clone)]
pub struct JumpingClock {
    start: Instant,
    passed: Arc<Mutex<Duration>>,
}

impl JumpingClock {
    pub fn new() -> Self {
        Self { start: Instant::now(), passed: Arc::default() }
    }

    /// The time since it was made.
    pub fn passed(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    pub fn advance(&self, by: Duration) {
        *self.passed.lock().unwrap() += by;
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }
}

impl Park for JumpingClock {
    fn park(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let limit = limit.expect("the executor sleeps without a timer, and nothing can unpark it");
        self.advance(limit);
        Ok(())
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        struct Nothing;
        impl Unpark for Nothing {
            fn unpark(&self) {}
        }
        Arc::new(Nothing)
    }
}
