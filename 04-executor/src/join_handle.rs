//! What `spawn` returns.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::join_error::JoinError;
use crate::task::Join;

// ANCHOR: join_handle
/// Waits for a task's result.
///
/// # Cancel safety
/// Dropping it detaches the task: the task continues to run, and its result is dropped.
pub struct JoinHandle<T> {
    task: Arc<dyn Join<T>>,
    /// The result may be dropped with the handle: it is Send only if the result is.
    _result: PhantomData<T>,
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(task: Arc<dyn Join<T>>) -> Self {
        Self { task, _result: PhantomData }
    }

    /// The handle of a task that no queue accepts. The task is aborted, and its future dropped, right here.
    pub(crate) fn refused<Task: Join<T> + 'static>(task: Arc<Task>) -> Self {
        task.clone().refuse();
        Self::new(task)
    }

    /// Asks the executor to drop the task's future, as soon as no thread polls it. A task that is
    /// ready first keeps its output: an abort is a request.
    pub fn abort(&self) {
        self.task.clone().abort();
    }

    /// Whether the result is there.
    pub fn is_finished(&self) -> bool {
        self.task.is_done()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.task.poll_join(cx)
    }
}

impl<T> Unpin for JoinHandle<T> {}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        self.task.detach();
    }
}
// ANCHOR_END: join_handle

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("is_finished", &self.is_finished()).finish()
    }
}
