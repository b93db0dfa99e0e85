//! Timers, and the thread that sleeps until the first of them.
//!
//! An executor's thread calls `fire`, parks until `next_deadline` (without end if there is none), and
//! begins again. Meanwhile any thread may poll a `Sleep`, drop it, or insert a timer.
//! - `insert` unparks that thread if the new deadline is before all others, because it would sleep too
//!   long. Otherwise it does not, because an unpark costs a system call.
//! - `fire` takes out all timers whose time has come, at the very moment of the deadline as well, and
//!   wakes them, the earliest first. Timers may have equal deadlines.
//! - A key is the name of one timer: `remove` never takes out another one, even if its own has fired.
//! - A `Sleep` is ready as soon as the clock shows its deadline. The latest poll's waker is the one to
//!   wake. A `Sleep` that is ready or dropped leaves no timer behind.
//! - Wakers are cloned, woken and dropped while no lock is held.
//!
//! The tests act as another thread, wherever that could have the lock. So keep the timers under the `Mutex`
//! that is imported here.
//!
//! Your task: what is in `Key` and in `Queue`; four methods of `Timers`; `poll` and `drop` of `Sleep`.
//!
//! Read first: the book, "Timers".
//! Check with `cargo workshop check timers`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

// The clock shows the time since it was made, and only the tests move it: `clock.now()`. The others work
// like those of `std::thread` and `std::sync`, and the tests see what is done with them.
use testkit::parking::{Thread, current};
use testkit::{VirtualClock, WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// The timers of an executor.
pub struct Timers {
    clock: VirtualClock,
    /// Sleeps until the first deadline.
    thread: Thread,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    // To do: the timers that wait.
}

/// The name of a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    deadline: Duration,
    // To do: and what else?
}

impl Timers {
    /// No timers yet, for the calling thread, which will sleep until the first of them.
    pub fn new(clock: VirtualClock) -> Arc<Self> {
        Arc::new(Self { clock, thread: current(), queue: Mutex::default() })
    }

    /// A future that is ready when this time has passed.
    pub fn sleep(self: &Arc<Self>, duration: Duration) -> Sleep {
        Sleep { deadline: self.clock.now() + duration, timers: self.clone(), key: None }
    }

    /// Adds a timer, which will wake this waker.
    pub fn insert(&self, deadline: Duration, waker: Waker) -> Key {
        todo!("where does it go, and does the thread sleep too long now?")
    }

    /// Takes a timer out, if it is still there.
    pub fn remove(&self, key: Key) {
        todo!("which one is it, and where is its waker dropped?")
    }

    /// When the first timer is to fire.
    pub fn next_deadline(&self) -> Option<Duration> {
        todo!("which is the first?")
    }

    /// Wakes those whose time has come.
    pub fn fire(&self) {
        todo!("which are they? and what may a wake do?")
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Also after a panic: `drop` comes here while a panic unwinds, and must not panic as well.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Made by [`Timers::sleep`].
pub struct Sleep {
    deadline: Duration,
    timers: Arc<Timers>,
    /// Its timer, once it has waited.
    key: Option<Key>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        todo!("is it time? if not: which waker is in the queue, and is it still there?")
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        // To do: what would otherwise stay in the queue?
    }
}
