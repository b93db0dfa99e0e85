//! Which workers sleep, so that a wake makes a system call only if there is a sleep to end.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use crate::sync::{AtomicUsize, Mutex, MutexGuard, fence};

/// The workers that sleep, or are about to.
///
/// A thread that has work for others puts the work into a queue, and then calls
/// [`wake_one`](Self::wake_one). A worker that finds no work calls [`announce`](Self::announce), and
/// then looks into the queues once more. One of the two sees the other: there is a fence between the
/// two steps on both sides (the book, "Memory ordering").
#[derive(Debug, Default)]
pub struct Sleepers {
    /// By number; the one that has slept longest comes first. At most one wake for each announcement.
    asleep: Mutex<Vec<usize>>,
    /// How many those are. Read without the lock: most wakes find no sleeper.
    count: AtomicUsize,
}

// ANCHOR: sleepers
impl Sleepers {
    /// No worker sleeps.
    pub fn new() -> Self {
        Self { asleep: Mutex::new(Vec::new()), count: AtomicUsize::new(0) }
    }

    // ANCHOR: announce
    /// A worker is about to sleep. It must look for work once more before it does.
    pub fn announce(&self, worker: usize) {
        let mut asleep = self.lock();
        asleep.push(worker);
        self.count.store(asleep.len(), Relaxed);
        drop(asleep);
        fence(SeqCst);
    }
    // ANCHOR_END: announce

    /// A worker no longer sleeps, whatever has woken it.
    pub fn retract(&self, worker: usize) {
        self.remove(|asleep| asleep.iter().position(|sleeper| *sleeper == worker));
    }

    /// Removes the worker that fell asleep last, and returns it: the first to sleep is in the driver, and
    /// should stay there. The caller must unpark it. None: all are awake, and will look into the queues
    /// before they sleep.
    pub fn wake_one(&self) -> Option<usize> {
        fence(SeqCst);
        if self.count.load(Relaxed) == 0 {
            return None;
        }
        self.remove(|asleep| asleep.len().checked_sub(1))
    }

    /// Removes this worker, if it sleeps. The caller must then unpark it.
    pub fn wake(&self, worker: usize) -> Option<usize> {
        fence(SeqCst);
        if self.count.load(Relaxed) == 0 {
            return None;
        }
        self.remove(|asleep| asleep.iter().position(|sleeper| *sleeper == worker))
    }
    // ANCHOR_END: sleepers

    fn remove(&self, which: impl FnOnce(&[usize]) -> Option<usize>) -> Option<usize> {
        let mut asleep = self.lock();
        let index = which(&asleep)?;
        let worker = asleep.remove(index);
        self.count.store(asleep.len(), Relaxed);
        Some(worker)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<usize>> {
        self.asleep.lock().expect("sleepers lock: nothing that panics runs while it is held")
    }
}
