//! All timers of an executor, the earliest first.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::contain::contain;
use crate::sync::{Mutex, MutexGuard};

// ANCHOR: timers
/// The timers, and the clock that they go by.
pub(crate) struct Timers {
    clock: Box<dyn Clock>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    /// Equal deadlines differ in their number. O(log n) for each insertion and removal.
    waiting: BTreeMap<Key, Waker>,
    /// The number of the next timer.
    next: u64,
    /// Whether a worker sleeps until the first deadline: an earlier one must then end its sleep.
    sleeping: bool,
}

/// A timer that waits.
pub(crate) type Key = (Instant, u64);

impl Timers {
    pub(crate) fn new(clock: Box<dyn Clock>) -> Self {
        Self { clock, queue: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    // ANCHOR: insert
    /// Adds a timer. If it returns true, a worker would now sleep too long, and must be unparked.
    #[must_use]
    pub(crate) fn insert(&self, deadline: Instant, waker: Waker) -> (Key, bool) {
        let mut queue = self.lock();
        let key = (deadline, queue.next);
        queue.next += 1;
        let earliest = queue.waiting.first_key_value().is_none_or(|(first, _)| key < *first);
        queue.waiting.insert(key, waker);
        (key, earliest && queue.sleeping)
    }

    // ANCHOR_END: insert

    /// Changes the waker of a timer. Returns whether it still waits; if not, it has fired.
    #[must_use]
    pub(crate) fn update(&self, key: Key, waker: &Waker) -> bool {
        // Cloning and dropping a waker runs foreign code: neither under the lock.
        match self.lock().waiting.get(&key) {
            Some(kept) if kept.will_wake(waker) => return true,
            Some(_) => {}
            None => return false,
        }
        let mut waker = waker.clone();
        let mut queue = self.lock();
        let kept = queue.waiting.get_mut(&key);
        let waits = kept.map(|kept| std::mem::swap(kept, &mut waker)).is_some();
        drop(queue);
        waits
    }

    /// Removes a timer.
    pub(crate) fn remove(&self, key: Key) {
        let waker = self.lock().waiting.remove(&key);
        drop(waker);
    }

    /// Wakes the tasks whose time has come.
    pub(crate) fn fire(&self) {
        let now = self.now();
        let due = {
            let mut queue = self.lock();
            if queue.waiting.first_key_value().is_none_or(|((first, _), _)| *first > now) {
                return;
            }
            let later = queue.waiting.split_off(&(now, u64::MAX));
            std::mem::replace(&mut queue.waiting, later)
        };
        for waker in due.into_values() {
            // If one panics, the others must still be woken.
            contain("a timer's waker", || waker.wake());
        }
    }

    // ANCHOR: until
    /// A worker is about to sleep until the first deadline. Returns how long that is.
    pub(crate) fn sleep(&self) -> Option<Duration> {
        let now = self.now();
        let mut queue = self.lock();
        queue.sleeping = true;
        let (first, _) = queue.waiting.first_key_value()?;
        Some(first.0.saturating_duration_since(now))
    }

    /// It no longer sleeps.
    pub(crate) fn awake(&self) {
        self.lock().sleeping = false;
    }
    // ANCHOR_END: until
    // ANCHOR_END: timers

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("timers lock: nothing that panics runs while it is held")
    }
}
