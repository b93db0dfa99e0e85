//! Tasks that are not `Send`: they stay on the thread that is in `block_on`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tracing::Span;

use crate::join_handle::JoinHandle;
use crate::owned::{self, Owned};
use crate::queue::Queue;
use crate::shared::Shared;
use crate::sync::thread;
use crate::task::{Home, Task};

// ANCHOR: local
/// The tasks of one `block_on` that never leave its thread, and end with it.
pub(crate) struct LocalTasks {
    pub(crate) queue: Queue,
    owned: Owned,
    shared: Arc<Shared>,
    /// The worker that is in `block_on`.
    worker: usize,
}

impl LocalTasks {
    pub(crate) fn new(shared: Arc<Shared>, worker: usize) -> Arc<Self> {
        Arc::new(Self { queue: Queue::default(), owned: Owned::default(), shared, worker })
    }

    /// Makes a task of a future. Must be called on the thread that is in `block_on`.
    pub(crate) fn spawn<F>(self: &Arc<Self>, span: Span, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let task = Task::new(
            future,
            Local { tasks: self.clone(), key: AtomicUsize::new(owned::NONE), span },
        );
        let Some(key) = self.owned.insert(task.clone()) else {
            return JoinHandle::refused(task);
        };
        task.home().key.store(key, Relaxed);
        self.queue.push(task.clone());
        JoinHandle::new(task)
    }

    /// Aborts all, and drops their futures on the calling thread, which is the one that made them.
    pub(crate) fn end(&self) {
        self.owned.close();
        while self.owned.len() > 0 {
            match self.queue.pop() {
                Some(task) => task.run(),
                // Another thread has marked a task as scheduled, and is about to queue it.
                None => thread::yield_now(),
            }
        }
    }
}

/// The home of a task that stays on one thread.
struct Local {
    tasks: Arc<LocalTasks>,
    /// Set before it is put into a queue. `owned::NONE`: it was refused.
    key: AtomicUsize,
    span: Span,
}

// ANCHOR: home
impl Home for Local {
    fn schedule<F: Future + 'static>(task: Arc<Task<F, Self>>) {
        let tasks = task.home().tasks.clone();
        // Any thread may put it in; only its own thread takes it out.
        tasks.queue.push(task);
        if tasks.shared.worker() != Some(tasks.worker) {
            tasks.shared.wake_worker(tasks.worker);
        }
    }

    // ANCHOR_END: home

    fn finished(&self) {
        self.tasks.owned.remove(self.key.load(Relaxed));
    }

    fn span(&self) -> &Span {
        &self.span
    }
}
// ANCHOR_END: local
