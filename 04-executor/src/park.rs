//! How a thread of an executor sleeps. The executor knows no socket: stage 05 brings a `Park` that
//! sleeps in the poller.

use std::any::Any;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::sync::thread::{self, Thread};
use crate::sync::{AtomicBool, Mutex};

// ANCHOR: park
/// A place for one thread to sleep in.
pub trait Park: Send + 'static {
    /// Sleeps until the next [`Unpark::unpark`], but not longer than `limit`; with None, without a limit.
    /// Returns at once if `unpark` was called since the last return. May return for no reason. Must
    /// return if it has called a waker itself, because a wake on the executor's own thread unparks
    /// nothing. With `Duration::ZERO` it only looks at what has happened, and does not sleep.
    ///
    /// # Errors
    /// Whatever the system reports when it cannot wait.
    fn park(&mut self, limit: Option<Duration>) -> io::Result<()>;

    /// What ends the sleep, from any thread.
    fn unparker(&self) -> Arc<dyn Unpark>;
}

/// Ends the sleep of a [`Park`]. `Any`, so that tasks can find what else the park offers: see
/// [`Handle::unparker`](crate::Handle::unparker).
pub trait Unpark: Any + Send + Sync {
    /// Makes the `park` that sleeps now return, or else the next one.
    fn unpark(&self);
}
// ANCHOR_END: park

/// Sleeps in `std::thread::park`.
#[derive(Debug, Default)]
pub struct ThreadPark {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The thread that sleeps here. None before the first park.
    thread: Mutex<Option<Thread>>,
    unparked: AtomicBool,
}

impl ThreadPark {
    /// A place in which no thread sleeps yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Park for ThreadPark {
    fn park(&mut self, limit: Option<Duration>) -> io::Result<()> {
        if limit != Some(Duration::ZERO) {
            let shared = &self.shared;
            *shared.thread.lock().expect("parker lock: nothing panics under it") =
                Some(thread::current());
            // The flag, and not the token: any code on this thread may take that (stage 03).
            if !shared.unparked.load(Ordering::Acquire) {
                match limit {
                    Some(limit) => thread::park_timeout(limit),
                    None => thread::park(),
                }
            }
        }
        self.shared.unparked.swap(false, Ordering::Acquire);
        Ok(())
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.shared.clone()
    }
}

impl Unpark for Shared {
    fn unpark(&self) {
        // First the flag: a thread that parks after this looks at it.
        if !self.unparked.swap(true, Ordering::Release) {
            let thread = self.thread.lock().expect("parker lock: nothing panics under it").clone();
            if let Some(thread) = thread {
                thread.unpark();
            }
        }
    }
}
