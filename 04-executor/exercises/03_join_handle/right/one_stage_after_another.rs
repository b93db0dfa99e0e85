//! A task whose result another task awaits.
//!
//! `task` makes two futures of one. An executor polls the `Task` until it is ready; another task awaits
//! the `JoinHandle`. They may be on two threads.
//! - When the future is ready or panics, the `Task` drops it, leaves the result, wakes the task that
//!   awaits the handle, and is ready. The panic goes no further. The drop of the future may panic as
//!   well: it ends the task as a panic of its poll does, even after an output or an abort.
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

use std::mem;
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
    stage: Stage<T>,
    is_aborted: bool,
}

enum Stage<T> {
    Runs {
        task: Option<Waker>,
        joiner: Option<Waker>,
    },
    Finished(Result<T, JoinError>),
    /// The result was taken.
    Taken,
    /// The handle is gone. The task may run on.
    Detached,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        let stage = Stage::Runs { task: None, joiner: None };
        Self { state: Mutex::new(State { stage, is_aborted: false }) }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Also after a panic: `drop` comes here while a panic unwinds, and must not panic as well.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, stage: Stage<T>) -> Stage<T> {
        mem::replace(&mut self.lock().stage, stage)
    }
}

impl<F: Future> Future for Task<F> {
    type Output = ();

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Not pinned itself: the future is, in its box. This way its fields can be borrowed apart.
        let this = self.get_mut();
        let waker = cx.waker().clone();
        let mut state = this.shared.lock();
        let old = match &mut state.stage {
            Stage::Runs { task, .. } => task.replace(waker),
            Stage::Detached => Some(waker),
            Stage::Finished(_) | Stage::Taken => panic!("polled after it was ready"),
        };
        let is_aborted = state.is_aborted;
        drop(state);
        drop(old);
        let polled = this
            .future
            .as_mut()
            .filter(|_| !is_aborted)
            .map(|future| catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))));
        let mut result = match polled {
            Some(Ok(Poll::Pending)) => return Poll::Pending,
            Some(Ok(Poll::Ready(output))) => Ok(output),
            Some(Err(_panic)) => Err(JoinError::Panicked),
            None => Err(JoinError::Aborted),
        };
        let future = this.future.take();
        if catch_unwind(AssertUnwindSafe(move || drop(future))).is_err() {
            result = Err(JoinError::Panicked);
        }
        let mut state = this.shared.lock();
        if matches!(state.stage, Stage::Detached) {
            drop(state);
            drop(result);
            return Poll::Ready(());
        }
        let old = mem::replace(&mut state.stage, Stage::Finished(result));
        drop(state);
        if let Stage::Runs { joiner: Some(joiner), .. } = old {
            joiner.wake();
        }
        Poll::Ready(())
    }
}

impl<T> JoinHandle<T> {
    /// Asks the task to end. It does not wait until it has.
    pub fn abort(&self) {
        let mut state = self.shared.lock();
        if let Stage::Runs { task, .. } = &mut state.stage {
            let waker = task.take();
            state.is_aborted = true;
            drop(state);
            waker.into_iter().for_each(Waker::wake);
        }
    }

    /// Whether there is a result, or was one.
    pub fn is_finished(&self) -> bool {
        matches!(self.shared.lock().stage, Stage::Finished(_) | Stage::Taken)
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut waker = Some(cx.waker().clone());
        let mut state = self.shared.lock();
        if let Stage::Runs { joiner, .. } = &mut state.stage {
            mem::swap(joiner, &mut waker);
            drop(state);
            return Poll::Pending;
        }
        drop(state);
        match self.shared.replace(Stage::Taken) {
            Stage::Finished(result) => Poll::Ready(result),
            _ => panic!("polled after it was ready"),
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let old = self.shared.replace(Stage::Detached);
        drop(old);
    }
}
