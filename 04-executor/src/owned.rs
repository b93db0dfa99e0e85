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
    /// Whether no task may be added any more.
    closed: bool,
}

/// Names a task until it has finished.
pub(crate) type Key = usize;

// ANCHOR: owned
impl Owned {
    /// Adds the task that `make` returns for its key. None is added after [`close`](Self::close): then
    /// it is returned as an error.
    pub(crate) fn insert<T: Run + 'static>(
        &self,
        make: impl FnOnce(Key) -> Arc<T>,
    ) -> Result<Arc<T>, Arc<T>> {
        let mut tasks = self.lock();
        let key = tasks.free.last().copied().unwrap_or(tasks.slots.len());
        let task = make(key);
        if tasks.closed {
            return Err(task);
        }
        if tasks.free.pop().is_none() {
            tasks.slots.push(None);
        }
        tasks.slots[key] = Some(task.clone());
        Ok(task)
    }

    /// Gives back a task that has finished.
    pub(crate) fn remove(&self, key: Key) {
        let task = {
            let mut tasks = self.lock();
            // One that was refused has a key and no slot.
            let task = tasks.slots.get_mut(key).and_then(Option::take);
            if task.is_some() {
                tasks.free.push(key);
            }
            task
        };
        drop(task);
    }

    /// Adds none any more, and aborts all.
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
