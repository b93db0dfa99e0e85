//! The tasks that an executor has to end before it ends itself.

use std::sync::Arc;

use crate::sync::{Mutex, MutexGuard};
use crate::task::Run;

/// The tasks of an executor that have not finished, each with a key.
#[derive(Default)]
pub(crate) struct Owned {
    tasks: Mutex<Tasks>,
}

#[derive(Default)]
struct Tasks {
    /// By key. None: the key is free.
    slots: Vec<Option<Arc<dyn Run>>>,
    free: Vec<Key>,
    /// Whether tasks are refused.
    closed: bool,
}

/// Names a task until it has finished.
pub(crate) type Key = usize;

/// Names no task.
pub(crate) const NONE: Key = usize::MAX;

// ANCHOR: owned
impl Owned {
    /// Adds a task, and returns its key. After [`close`](Self::close) it adds nothing, and returns None.
    pub(crate) fn insert(&self, task: Arc<dyn Run>) -> Option<Key> {
        let mut tasks = self.lock();
        if tasks.closed {
            // Released first: dropping a task runs foreign code.
            drop(tasks);
            drop(task);
            return None;
        }
        let Some(key) = tasks.free.pop() else {
            tasks.slots.push(Some(task));
            return Some(tasks.slots.len() - 1);
        };
        tasks.slots[key] = Some(task);
        Some(key)
    }

    /// Removes a task that has finished. Does nothing for [`NONE`].
    pub(crate) fn remove(&self, key: Key) {
        let task = {
            let mut tasks = self.lock();
            let task = tasks.slots.get_mut(key).and_then(Option::take);
            if task.is_some() {
                tasks.free.push(key);
            }
            task
        };
        drop(task);
    }

    /// Refuses tasks from now on, and aborts all that are there.
    pub(crate) fn close(&self) {
        let all: Vec<_> = {
            let mut tasks = self.lock();
            tasks.closed = true;
            tasks.slots.iter().flatten().cloned().collect()
        };
        all.into_iter().for_each(Run::abort);
    }

    /// How many have not finished.
    pub(crate) fn len(&self) -> usize {
        let tasks = self.lock();
        tasks.slots.len() - tasks.free.len()
    }
    // ANCHOR_END: owned

    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().expect("owned lock: nothing that panics runs while it is held")
    }
}
