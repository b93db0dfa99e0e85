//! Making tasks.

use std::panic::Location;
use std::sync::Arc;

use tracing::{Span, trace, trace_span};

use crate::context;
use crate::global;
use crate::join_handle::JoinHandle;
use crate::park::Unpark;
use crate::shared::Shared;

/// Spawns from any thread. Its clones are handles of the same executor.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

impl Handle {
    /// The handle of the executor that the calling thread works for.
    ///
    /// # Panics
    /// On a thread that runs no executor.
    #[track_caller]
    pub fn current() -> Self {
        Self { shared: context::shared("Handle::current") }
    }

    /// What ends the sleep of the executor's [`Park`](crate::Park). It can be downcast to its own type:
    /// that is how a socket finds its poller.
    pub fn unparker(&self) -> Arc<dyn Unpark> {
        self.shared.driver_unparker.clone()
    }

    /// Spawns a task, as [`spawn`] does.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        global::spawn(self.shared.clone(), span("task", ""), future)
    }
}

// ANCHOR: spawn
/// Makes a task of `future`. It runs on the executor that this thread works for, from now on, whether
/// its handle is awaited or not.
///
/// # Panics
/// On a thread that runs no executor.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_named("", future)
}

/// As [`spawn`]. Logs, recordings and consoles show the name.
///
/// # Panics
/// As for [`spawn`].
#[track_caller]
pub fn spawn_named<F>(name: &str, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    global::spawn(context::shared("spawn"), span("task", name), future)
}

/// Makes a task of a future that need not be `Send`. The task stays on this thread, and ends with the
/// `block_on` in which this thread is.
///
/// # Panics
/// On a thread that is not in [`Executor::block_on`](crate::Executor::block_on).
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    context::local().spawn(span("local", ""), future)
}
// ANCHOR_END: spawn

/// The span by which tools see a task, by tokio-console's conventions.
#[track_caller]
fn span(kind: &'static str, name: &str) -> Span {
    let at = Location::caller();
    let span = trace_span!(
        target: "tokio::task",
        parent: None,
        "runtime.spawn",
        kind,
        task.name = name,
        loc.file = at.file(),
        loc.line = at.line(),
        loc.col = at.column(),
    );
    trace!(parent: &span, "is spawned");
    span
}
