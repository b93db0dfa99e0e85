//! Tasks that any worker may run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tracing::Span;

use crate::context;
use crate::join_handle::JoinHandle;
use crate::owned;
use crate::shared::Shared;
use crate::task::{Home, Task};

// ANCHOR: global
/// The home of a task that any worker may run.
pub(crate) struct Global {
    shared: Arc<Shared>,
    /// Set before it is put into a queue. `owned::NONE`: it was refused.
    key: AtomicUsize,
    span: Span,
}

/// Makes a task of a future. If the executor is shut down, the task is aborted at once.
pub(crate) fn spawn<F>(shared: Arc<Shared>, span: Span, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let task = Task::new(future, Global { shared, key: AtomicUsize::new(owned::NONE), span });
    let home = task.home();
    let Some(key) = home.shared.owned.insert(task.clone()) else {
        return JoinHandle::refused(task);
    };
    home.key.store(key, Relaxed);
    Global::schedule(task.clone());
    JoinHandle::new(task)
}

impl Home for Global {
    fn schedule<F: Future + 'static>(task: Arc<Task<F, Self>>) {
        // On a worker of this executor, its own queue. The worker keeps the executor alive.
        if let Err(task) = context::schedule_here(task.home().shared.address(), task) {
            // Our own reference: once the task is in a queue, another thread may run and free it.
            let shared = task.home().shared.clone();
            shared.schedule_from_outside(task);
        }
    }

    fn finished(&self) {
        self.shared.owned.remove(self.key.load(Relaxed));
    }

    fn span(&self) -> &Span {
        &self.span
    }
}
// ANCHOR_END: global
