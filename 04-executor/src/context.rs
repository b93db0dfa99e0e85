//! What the calling thread is for `spawn`, `sleep` and the like: a worker, and of which executor.

use std::cell::RefCell;
use std::sync::Arc;

use crate::current::{self, Current};
use crate::local::LocalTasks;
use crate::shared::Shared;
use crate::sync::thread_local;
use crate::task::Run;

thread_local! {
    static CONTEXT: RefCell<Option<Context>> = const { RefCell::new(None) };
}

/// A thread that works for an executor.
struct Context {
    shared: Arc<Shared>,
    /// Where `spawn_local` puts tasks: only in `block_on`.
    local: Option<Arc<LocalTasks>>,
}

/// When it is dropped, the thread is again what it was before.
pub(crate) struct Entered(Option<Context>, Option<Current>);

/// The calling thread works for this executor from now on, in `block_on` if there are `local` tasks.
///
/// # Panics
/// If it works for an executor already.
pub(crate) fn enter(shared: Arc<Shared>, worker: usize, local: Option<Arc<LocalTasks>>) -> Entered {
    assert!(
        CONTEXT.with(|context| context.borrow().is_none()),
        "block_on was called inside a task of an executor. It would stop this thread, which has other \
         tasks to run: await the future, or spawn it and await its handle."
    );
    replace(shared, worker, local)
}

/// The calling thread ends the tasks of this executor. It may be inside a task of another one.
pub(crate) fn enter_to_stop(shared: Arc<Shared>, worker: usize) -> Entered {
    replace(shared, worker, None)
}

fn replace(shared: Arc<Shared>, worker: usize, local: Option<Arc<LocalTasks>>) -> Entered {
    let current = current::replace(Some((shared.address(), worker)));
    Entered(swap(Some(Context { shared, local })), current)
}

/// Does nothing while the thread ends: its context is gone then, and is not needed.
fn swap(new: Option<Context>) -> Option<Context> {
    CONTEXT.try_with(|context| context.replace(new)).ok().flatten()
}

impl Drop for Entered {
    fn drop(&mut self) {
        current::replace(self.1);
        let left = swap(self.0.take());
        drop(left);
    }
}

/// The executor that the calling thread works for.
///
/// # Panics
/// If it works for none.
#[track_caller]
pub(crate) fn shared(what: &str) -> Arc<Shared> {
    let shared = CONTEXT.try_with(|context| context.borrow().as_ref().map(|c| c.shared.clone()));
    match shared.ok().flatten() {
        Some(shared) => shared,
        None => panic!(
            "{what} was called on a thread that runs no executor: call it inside of \
             `Executor::block_on` or of a task, or use `Executor::handle`"
        ),
    }
}

/// Puts a task into the queue of this thread, if it is a worker of the executor with this address. If
/// not, the task is returned.
pub(crate) fn schedule_here<Task: Run + 'static>(
    executor: usize,
    task: Arc<Task>,
) -> Result<(), Arc<Task>> {
    let Some(worker) = current::worker_of(executor) else { return Err(task) };
    CONTEXT.with(|context| match &*context.borrow() {
        Some(context) => {
            context.shared.schedule_here(worker, task);
            Ok(())
        }
        None => Err(task),
    })
}

/// Where `spawn_local` puts tasks.
///
/// # Panics
/// Outside of `block_on`.
#[track_caller]
pub(crate) fn local() -> Arc<LocalTasks> {
    let local = CONTEXT.try_with(|context| context.borrow().as_ref().and_then(|c| c.local.clone()));
    local.ok().flatten().unwrap_or_else(|| {
        panic!(
            "spawn_local was called on a thread that is not in `block_on`: a task that is not Send \
             stays on that thread, so it has to be spawned there"
        )
    })
}
