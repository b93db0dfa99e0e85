//! A task whose result another task awaits.
//!
//! `task` makes two futures of one. An executor polls the `Task` until it is ready; another task awaits
//! the `JoinHandle`. They may be on two threads.
//! - When the future is ready or panics, the `Task` drops it, leaves the result, wakes the task that
//!   awaits the handle, and is ready. The panic goes no further. The drop of the future may panic as well,
//!   which ends the task as a panic of its poll does, even after an output or an abort.
//! - `abort` wakes the `Task`, which drops the future at its next poll in place of polling it. The result
//!   is `Aborted` then. An abort during a poll that ends the task, or after it, changes nothing.
//! - A handle that is dropped ends nothing. The result is dropped as soon as there is one.
//! - No waker is kept that will not be called any more. Once the handle is gone, this is true of the
//!   task's own as well.
//! - Code that is not yours never runs while you hold the lock: a poll; the drop of a future, a result or a
//!   waker; a waker's clone or wake. What both ends share stays under the `Mutex` imported here.
//!
//! Your task: both `poll`s, `abort`, `is_finished` and `drop`. `State` is a proposal: change it freely.
//! What a `poll` does after it was ready is not judged: it may panic.
//!
//! Read first: the book, "The result of a task".
//! Check with `cargo workshop check join_handle`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

// They work like those of `std::sync`, and the tests see when the lock is held.
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// Makes a task of `future`, and the handle of its result.
pub fn task<F: Future>(future: F) -> (Task<F>, JoinHandle<F::Output>) {
    let shared = Arc::<Shared<F::Output>>::default();
    (Task { future: Some(Box::pin(future)), shared: shared.clone() }, JoinHandle { shared })
}

/// Why there is no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinError {
    Aborted,
    Panicked,
}

/// What the executor polls.
pub struct Task<F: Future> {
    /// None once it is over.
    future: Option<Pin<Box<F>>>,
    shared: Arc<Shared<F::Output>>,
}

/// A future of the task's result.
pub struct JoinHandle<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    /// Left by the task, and not taken yet.
    result: Option<Result<T, JoinError>>,
    /// Whether there is a result, or was one.
    is_finished: bool,
    is_aborted: bool,
    /// Whether the handle is gone.
    is_detached: bool,
    /// Wakes the task. Of its latest poll.
    task: Option<Waker>,
    /// Wakes the task that awaits the handle. Of the handle's latest poll.
    joiner: Option<Waker>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        let (is_finished, is_aborted, is_detached) = (false, false, false);
        let (result, task, joiner) = (None, None, None);
        let state = State { result, is_finished, is_aborted, is_detached, task, joiner };
        Self { state: Mutex::new(state) }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Also after a panic: `drop` comes here while a panic unwinds, and must not panic as well.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Future> Future for Task<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Not pinned itself: the future is, in its box. This way its fields can be borrowed apart.
        let this = self.get_mut();
        todo!("when may it be aborted, and how does it learn of it? in which ways may it end?")
    }
}

impl<T> JoinHandle<T> {
    /// Asks the task to end. It does not wait until it has.
    pub fn abort(&self) {
        todo!("what drops the future, and when?")
    }

    /// Whether there is a result, or was one.
    pub fn is_finished(&self) -> bool {
        todo!("a look")
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        todo!("a result, or not yet?")
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        // To do: what would otherwise be kept, and for what?
    }
}
