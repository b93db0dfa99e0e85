//! Tasks that can be polled.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::sync::{AtomicUsize, Mutex, MutexGuard};
use crate::task::Run;

// ANCHOR: queue
// ANCHOR: queue_ends
/// A run queue: the tasks in the order in which they were woken. Each is in one queue, once.
#[derive(Default)]
pub(crate) struct Queue {
    tasks: Mutex<VecDeque<Arc<dyn Run>>>,
    /// How many those are. Read without the lock: most of the queues that a worker looks into are empty.
    len: AtomicUsize,
}

impl Queue {
    pub(crate) fn push(&self, task: Arc<dyn Run>) {
        let mut tasks = self.lock();
        tasks.push_back(task);
        self.len.store(tasks.len(), Relaxed);
    }

    /// Takes the first task. It may miss one that another thread has put there a moment ago: call
    /// [`is_empty`](Self::is_empty) before you sleep.
    pub(crate) fn pop(&self) -> Option<Arc<dyn Run>> {
        if self.len.load(Relaxed) == 0 {
            return None;
        }
        let mut tasks = self.lock();
        let task = tasks.pop_front();
        self.len.store(tasks.len(), Relaxed);
        task
    }
    // ANCHOR_END: queue_ends

    /// Whether no task is there. It takes the lock, and so misses none.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Takes half of the tasks, those that have waited longest, and at least one if there is one. Returns
    /// the first, and puts the others into `other`. The two locks are never held at once.
    pub(crate) fn steal_into(&self, other: &Self) -> Option<Arc<dyn Run>> {
        if self.len.load(Relaxed) == 0 {
            return None;
        }
        let mut stolen = {
            let mut tasks = self.lock();
            let half = tasks.len().div_ceil(2);
            let stolen: VecDeque<_> = tasks.drain(..half).collect();
            self.len.store(tasks.len(), Relaxed);
            stolen
        };
        let first = stolen.pop_front()?;
        if !stolen.is_empty() {
            let mut tasks = other.lock();
            tasks.append(&mut stolen);
            other.len.store(tasks.len(), Relaxed);
        }
        Some(first)
    }
    // ANCHOR_END: queue

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<dyn Run>>> {
        self.tasks.lock().expect("run queue lock: nothing that panics runs while it is held")
    }
}
