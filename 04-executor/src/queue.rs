//! Tasks that can be polled.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::sync::{Mutex, MutexGuard};
use crate::task::Run;

// ANCHOR: queue
// ANCHOR: queue_ends
/// A run queue: the tasks in the order in which they were woken. Each is in one queue, once.
#[derive(Default)]
pub(crate) struct Queue {
    tasks: Mutex<VecDeque<Arc<dyn Run>>>,
}

impl Queue {
    pub(crate) fn push(&self, task: Arc<dyn Run>) {
        self.lock().push_back(task);
    }

    pub(crate) fn pop(&self) -> Option<Arc<dyn Run>> {
        self.lock().pop_front()
    }
    // ANCHOR_END: queue_ends

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Takes half of the tasks, those that have waited longest, and at least one if there is one. The
    /// first is returned, the others are put into `other`, whose lock is not held meanwhile.
    pub(crate) fn steal_into(&self, other: &Self) -> Option<Arc<dyn Run>> {
        let mut stolen = {
            let mut tasks = self.lock();
            let half = tasks.len().div_ceil(2);
            tasks.drain(..half).collect::<VecDeque<_>>()
        };
        let first = stolen.pop_front()?;
        if !stolen.is_empty() {
            other.lock().append(&mut stolen);
        }
        Some(first)
    }
    // ANCHOR_END: queue

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<dyn Run>>> {
        self.tasks.lock().expect("run queue lock: nothing that panics runs while it is held")
    }
}
