//! A task: a future, its state, and later its result, in one allocation.
#![allow(unsafe_code, reason = "one cell, whose access the state word hands from thread to thread")]

use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use tracing::{Span, trace};
use waker::WakerSlot;

use crate::contain::contain;
use crate::join_error::JoinError;
use crate::state::{Heir, State};
use crate::sync::UnsafeCell;

// ANCHOR: task
// ANCHOR: cell
/// A future that an executor owns.
pub struct Task<F: Future, H> {
    state: State,
    /// Belongs to the thread that has set `RUNNING`; from `DONE` on to the `JoinHandle`.
    stage: UnsafeCell<Stage<F>>,
    /// The task that awaits the `JoinHandle`.
    joiner: WakerSlot,
    /// Where the task goes when it is woken.
    home: H,
}

/// What is in the cell.
enum Stage<F: Future> {
    /// Pinned: it lies in the task's allocation, and is dropped there.
    Future(F),
    Result(Result<F::Output, JoinError>),
    Empty,
}
// ANCHOR_END: cell

/// Where tasks go, and what a task has besides its future.
pub trait Home: Send + Sync + Sized + 'static {
    /// Puts a task into a run queue, and makes sure that a thread will look there.
    fn schedule<F: Future + 'static>(task: Arc<Task<F, Self>>);

    /// The task's future is gone: it will not be scheduled again.
    fn finished(&self);

    /// The task's span, by which tools show it.
    fn span(&self) -> &Span;
}

/// What an executor does with a task.
pub trait Run: Send + Sync {
    /// Polls the task once, or drops its future if it was aborted. The task has been taken out of a
    /// run queue, into which `schedule` has put it.
    fn run(self: Arc<Self>);

    /// Asks the executor to drop the future.
    fn abort(self: Arc<Self>);

    /// Drops the future here and now. The task is new, and in no queue.
    fn refuse(self: Arc<Self>);
}

/// What a `JoinHandle` does with a task.
pub trait Join<T>: Run {
    /// Returns the result, once.
    ///
    /// # Panics
    /// If it was returned already.
    fn poll_join(&self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>>;

    /// Whether there is a result.
    fn is_done(&self) -> bool;

    /// The `JoinHandle` is dropped.
    fn detach(&self);
}
// ANCHOR_END: task

// SAFETY: what is shared between threads is in the cell. Its future is polled and dropped by the thread
// that set RUNNING: that may be any thread if F is Send, which `spawn` asks for, and is the one thread
// that has made it otherwise, because `spawn_local`'s home gives it to no other. (This module is private:
// nothing else makes or runs a task.) The result goes to the
// JoinHandle, which is Send only if the result is. When the last reference goes, on whatever thread,
// the cell is empty: an executor keeps one until the future is gone, and a JoinHandle takes or drops
// the result before it gives back its own.
unsafe impl<F: Future, H: Send> Send for Task<F, H> {}
// SAFETY: as above: no two threads have access to the cell at once.
unsafe impl<F: Future, H: Sync> Sync for Task<F, H> {}

// ANCHOR: run
impl<F: Future, H: Home> Task<F, H> {
    /// A task that the caller is to put into a run queue.
    pub fn new(future: F, home: H) -> Arc<Self> {
        let stage = UnsafeCell::new(Stage::Future(future));
        Arc::new(Self { state: State::scheduled(), stage, joiner: WakerSlot::new(), home })
    }

    /// Polls the future.
    ///
    /// # Safety
    /// Between `State::start` and `State::pause` or `State::finish`, on the thread that called it.
    unsafe fn poll(&self, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: RUNNING is set, by the caller: no other thread has access.
        self.stage.with_mut(|stage| match unsafe { &mut *stage } {
            // SAFETY: it is in an Arc, and nothing moves it from there: it is dropped in its place.
            Stage::Future(future) => unsafe { Pin::new_unchecked(future) }.poll(cx),
            Stage::Result(_) | Stage::Empty => unreachable!("a task was polled after its end"),
        })
    }

    /// Puts something else into the cell, and drops in place what was there.
    ///
    /// # Safety
    /// The calling thread has the cell, as `stage` says.
    unsafe fn replace(&self, new: Stage<F>) {
        // SAFETY: by the caller. An assignment drops the old value where it lies, and writes the new
        // one even if that drop panics.
        self.stage.with_mut(|stage| unsafe { *stage = new });
    }

    // ANCHOR: finish
    /// Drops the future, leaves the result, and wakes the joiner.
    ///
    /// # Safety
    /// As for `poll`; it is the end of that time.
    unsafe fn finish(&self, mut result: Result<F::Output, JoinError>) {
        // SAFETY: by the caller.
        let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { self.replace(Stage::Empty) }));
        if let Err(panic) = dropped {
            let unseen = std::mem::replace(&mut result, Err(JoinError::panicked(panic)));
            contain("a result's drop", || drop(unseen));
        }
        // SAFETY: by the caller.
        unsafe { self.replace(Stage::Result(result)) };
        match self.state.finish() {
            Heir::Handle => {}
            Heir::Waker => contain("a joiner's waker", || self.joiner.wake()),
            // SAFETY: DETACHED was set before DONE: the JoinHandle has left the cell to us.
            Heir::Nobody => contain("a result's drop", || unsafe { self.replace(Stage::Empty) }),
        }
        self.home.finished();
    }
    // ANCHOR_END: finish
}

impl<F: Future + 'static, H: Home> Task<F, H> {
    /// Polls the task once, or drops its future if it was aborted. Returns whether the task was woken
    /// meanwhile, so that it must be put into a queue.
    #[must_use]
    fn turn(self: &Arc<Self>) -> bool {
        let _entered = self.home.span().enter();
        if !self.state.start() {
            trace!("is dropped, because it was aborted");
            // SAFETY: after `start`.
            unsafe { self.finish(Err(JoinError::aborted())) };
            return false;
        }
        trace!("is polled");
        // SAFETY: this waker borrows our reference: it is never dropped, and `self` outlives it.
        let waker = ManuallyDrop::new(Waker::from(unsafe { std::ptr::read(self) }));
        let mut cx = Context::from_waker(&waker);
        // SAFETY: after `start`.
        match catch_unwind(AssertUnwindSafe(|| unsafe { self.poll(&mut cx) })) {
            Ok(Poll::Pending) => {
                trace!("is Pending");
                self.state.pause()
            }
            Ok(Poll::Ready(output)) => {
                trace!("is Ready");
                // SAFETY: after `start`, and in place of `pause`.
                unsafe { self.finish(Ok(output)) };
                false
            }
            Err(panic) => {
                trace!("has panicked");
                // SAFETY: after `start`, and in place of `pause`.
                unsafe { self.finish(Err(JoinError::panicked(panic))) };
                false
            }
        }
    }
}

impl<F: Future + 'static, H: Home> Run for Task<F, H> {
    fn run(self: Arc<Self>) {
        if self.turn() {
            H::schedule(self);
        }
    }

    fn abort(self: Arc<Self>) {
        if self.state.abort() {
            H::schedule(self);
        }
    }

    fn refuse(self: Arc<Self>) {
        // It counts as scheduled from its beginning, so this only adds that it is aborted.
        let _ = self.state.abort();
        self.run();
    }
}

impl<F: Future + 'static, H: Home> Wake for Task<F, H> {
    fn wake(self: Arc<Self>) {
        self.trace("waker.wake");
        if self.state.wake() {
            H::schedule(self);
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.trace("waker.wake_by_ref");
        if self.state.wake() {
            H::schedule(self.clone());
        }
    }
}
// ANCHOR_END: run

impl<F: Future, H: Home> Task<F, H> {
    /// Where the task goes when it is woken.
    pub fn home(&self) -> &H {
        &self.home
    }

    /// Records a wake, by tokio-console's conventions. Clones are not recorded: std's `Wake` does not see
    /// them.
    fn trace(&self, op: &'static str) {
        if let Some(id) = self.home.span().id() {
            let span = self.home.span();
            trace!(target: "runtime::waker", parent: span, op, task.id = id.into_u64());
        }
    }
}

// ANCHOR: join
impl<F: Future + 'static, H: Home> Join<F::Output> for Task<F, H> {
    fn poll_join(&self, cx: &mut Context<'_>) -> Poll<Result<F::Output, JoinError>> {
        if !self.state.is_done() {
            self.joiner.register(cx.waker());
            // Look again: it may have finished before the waker was there.
            if !self.state.await_result() {
                return Poll::Pending;
            }
            self.joiner.take();
        }
        // SAFETY: DONE is set and DETACHED is not: the cell belongs to the one JoinHandle.
        let stage =
            self.stage.with_mut(|stage| unsafe { std::mem::replace(&mut *stage, Stage::Empty) });
        match stage {
            Stage::Result(result) => Poll::Ready(result),
            Stage::Future(_) | Stage::Empty => panic!("a JoinHandle was polled after it was ready"),
        }
    }

    fn is_done(&self) -> bool {
        self.state.is_done()
    }

    fn detach(&self) {
        if self.state.detach() {
            // SAFETY: DONE was set before DETACHED: the executor has left the cell to us.
            contain("a result's drop", || unsafe { self.replace(Stage::Empty) });
        } else {
            self.joiner.take();
        }
    }
}
// ANCHOR_END: join
