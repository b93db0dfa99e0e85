//! The capstone of stage 04: an executor of your own, on one thread.
//!
//! 1. `block_on` polls its future, and then again each time it was woken. While there is nothing to
//!    poll, the thread sleeps in `Driver::park`.
//! 2. `spawn` makes a task, from any thread, and polls nothing itself. `block_on` polls tasks in the order
//!    in which they were woken; a new one counts as woken. However often a task is woken, that is one poll;
//!    a wake during its poll is one more. A future that is ready is dropped, and from then on its wakers do
//!    nothing. `block_on` returns when its own future is ready: tasks stay for the next `block_on`.
//! 3. A `JoinHandle` gives the result to any task of any executor. Dropped, it ends nothing, and the result
//!    is dropped as soon as there is one. A panic is the result of its task, and goes no further. One in
//!    the drop of a future goes no further either.
//! 4. `abort` ends a task that has no result yet, and may be called on any thread: the future is not
//!    polled again, and is dropped at the task's next turn, or before. If a poll that is ready runs
//!    meanwhile, either result will do.
//! 5. A future that wakes itself all the time keeps nothing else waiting: tasks and the future of
//!    `block_on` take turns, and after `ROUND` polls at the latest the driver has a `look`.
//! 6. An executor that is dropped drops the futures of its tasks, and they count as aborted. So does what
//!    is spawned from then on. Once its handles and wakers have gone as well, nothing of it is in memory.
//!
//! A poll, a drop, a wake and the driver are not your code, and may spawn, wake and abort: hold nothing
//! that those need while they run. Take the `Mutex` imported here for your locks, because the tests
//! look between those of `block_on` and of a handle's `poll`; apart from that, all of std is yours.
//!
//! Your task: everything but the driver. The tests follow the order above: the first that fails is your
//! next step. Add fields, types and functions; leave the signatures as they are.
//!
//! Read first: the book, "Taking turns" and "Blocking in async", and the pages of stage 04 before them.
//! Check with `cargo workshop check executor`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::{BTreeMap, VecDeque};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

// They work like those of `std::sync`, and the tests see when the lock is held.
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// How many polls may follow each other before the driver is asked.
const ROUND: usize = 64;

/// Where the thread sleeps, and where events come from. In stage 05 it is a poller; here the tests
/// bring it.
pub trait Driver: Send + 'static {
    /// Wakes the tasks whose events have come, and sleeps until the next `unpark`. Returns at once if
    /// there was one since the last return. May return for no reason.
    fn park(&mut self);

    /// Wakes the tasks whose events have come. Does not sleep.
    fn look(&mut self);

    /// What ends the sleep, from any thread.
    fn unparker(&self) -> Arc<dyn Unpark>;
}

/// Ends the sleep of a [`Driver`].
pub trait Unpark: Send + Sync {
    /// Has the next `park`, or the one that sleeps now, return.
    fn unpark(&self);
}

/// Runs tasks on the thread that calls [`block_on`](Self::block_on).
pub struct Executor {
    // To do: the driver, and what wakers and handles must reach from any thread.
}

impl Executor {
    /// An executor without tasks, whose thread sleeps in `driver`.
    pub fn new(driver: impl Driver) -> Self {
        todo!("keep the driver, and what ends its sleep")
    }

    /// What spawns from anywhere.
    pub fn handle(&self) -> Handle {
        todo!("only once you come to `spawn`")
    }

    /// Runs `future` until it is ready, and tasks beside it.
    pub fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        todo!("at first: pin the future, make its waker, poll it, and park")
    }
}

impl Drop for Executor {
    /// Ends all tasks.
    fn drop(&mut self) {
        // To do, at the very end: which futures are kept, and by what?
    }
}

/// Spawns from any thread. Its clones spawn on the same executor.
#[derive(Clone)]
pub struct Handle {
    // To do: what does `spawn` need?
}

impl Handle {
    /// Makes a task of `future`. If the executor is gone, the task is aborted at once.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        todo!("what is a task? where does its waker find the queue? where is its result left?")
    }
}

/// Why a task has no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinError {
    Aborted,
    Panicked,
}

/// Waits for the result of a task.
pub struct JoinHandle<T> {
    // To do: what do the task and its handle share?
    result: PhantomData<T>,
}

impl<T> JoinHandle<T> {
    /// Ends the task, unless it has its result already.
    pub fn abort(&self) {
        todo!("which thread drops the future, and how does it learn of the abort?")
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        todo!("is the result there? if not, which task should be woken?")
    }
}

impl<T> Drop for JoinHandle<T> {
    /// The task runs on, and nothing waits for its result.
    fn drop(&mut self) {
        // To do: what becomes of the result?
    }
}
