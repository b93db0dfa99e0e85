//! The capstone of stage 04: an executor of your own, on one thread.
//!
//! 1. `block_on` polls its future, and then again each time it was woken. While there is nothing to
//!    poll, the thread sleeps in `Driver::park`.
//! 2. `spawn` makes a task, from any thread, and polls nothing itself. `block_on` polls tasks in the order
//!    in which they were woken; a new one counts as woken. However often a task is woken, that is one poll;
//!    a wake during its poll is one more. A future that is ready is dropped, and its wakers do nothing any
//!    more. `block_on` returns when its own future is ready: tasks stay for the next `block_on`.
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

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::mem;
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
    driver: Box<dyn Driver>,
    shared: Arc<Shared>,
}

/// What wakers and handles reach from any thread.
struct Shared {
    unparker: Arc<dyn Unpark>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Tasks that were woken, the oldest wake first. A task is here at most once.
    queue: VecDeque<Arc<Task>>,
    /// Tasks that are not over, by [`Task::key`]: those that must end with the executor.
    tasks: BTreeMap<usize, Arc<Task>>,
    has_ended: bool,
}

impl Executor {
    /// An executor without tasks, whose thread sleeps in `driver`.
    pub fn new(driver: impl Driver) -> Self {
        let (unparker, state) = (driver.unparker(), Mutex::default());
        Self { driver: Box::new(driver), shared: Arc::new(Shared { unparker, state }) }
    }

    /// What spawns from anywhere.
    pub fn handle(&self) -> Handle {
        Handle { shared: self.shared.clone() }
    }

    /// Runs `future` until it is ready, and tasks beside it.
    pub fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        let unparker = self.shared.unparker.clone();
        let main = Arc::new(Main { is_woken: AtomicBool::new(true), unparker });
        let waker = Waker::from(main.clone());
        let mut cx = Context::from_waker(&waker);
        let mut polls = 0;
        loop {
            let before = polls;
            // Clear the flag before polling: a wake during the poll sets it again.
            if main.is_woken.swap(false, Ordering::AcqRel) {
                polls += 1;
                if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                    return output;
                }
            }
            if let Some(task) = self.shared.next() {
                polls += 1;
                task.run();
            }
            if polls == before {
                // What is woken from here on unparks: this returns at once then.
                self.driver.park();
                polls = 0;
            } else if polls + 2 > ROUND {
                self.driver.look();
                polls = 0;
            }
        }
    }
}

impl Drop for Executor {
    /// Ends all tasks.
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.has_ended = true;
        let (queue, tasks) = (mem::take(&mut state.queue), mem::take(&mut state.tasks));
        // A future that is dropped may wake and spawn.
        drop(state);
        tasks.values().for_each(|task| task.end());
        drop(queue);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Also after a panic: `drop` comes here while a panic unwinds.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The task that was woken first.
    fn next(&self) -> Option<Arc<Task>> {
        self.lock().queue.pop_front()
    }

    fn schedule(&self, task: Arc<Task>) {
        let mut state = self.lock();
        if state.has_ended {
            // The guard goes first: this may be the last reference.
            drop(state);
            return;
        }
        state.queue.push_back(task);
        drop(state);
        self.unparker.unpark();
    }
}

/// The waker of the future that `block_on` runs.
struct Main {
    is_woken: AtomicBool,
    unparker: Arc<dyn Unpark>,
}

impl Wake for Main {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.unparker.unpark();
    }
}

/// Spawns from any thread. Its clones spawn on the same executor.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    /// Makes a task of `future`. If the executor is gone, the task is aborted at once.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let outcome = Outcome::new();
        let leaves = Leaves(outcome.clone());
        let future = Box::pin(async move { leaves.0.leave(result_of(future).await) });
        let task = Arc::new(Task {
            future: Mutex::new(Some(future)),
            is_queued: AtomicBool::new(false),
            is_aborted: AtomicBool::new(false),
            shared: self.shared.clone(),
        });
        let mut state = self.shared.lock();
        if state.has_ended {
            drop(state);
            task.end();
        } else {
            state.tasks.insert(task.key(), task.clone());
            drop(state);
            task.wake_by_ref();
        }
        JoinHandle { outcome, task }
    }
}

/// Runs a future to its end, and drops it. Either may be a panic.
async fn result_of<F: Future>(future: F) -> Result<F::Output, JoinError> {
    let mut future = pin!(Some(future));
    poll_fn(|cx| {
        let poll = catch_unwind(AssertUnwindSafe(|| {
            let polled = future.as_mut().as_pin_mut().expect("it is not over").poll(cx);
            if polled.is_ready() {
                future.set(None);
            }
            polled
        }));
        let Ok(poll) = poll else {
            contain(|| future.set(None));
            return Poll::Ready(Err(JoinError::Panicked));
        };
        poll.map(Ok)
    })
    .await
}

/// Does what may panic, and goes on.
fn contain(act: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(act));
}

/// A future that the executor polls. Its result goes to an [`Outcome`].
struct Task {
    /// None while it is polled, and once it is over.
    future: Mutex<Option<BoxFuture>>,
    is_queued: AtomicBool,
    is_aborted: AtomicBool,
    shared: Arc<Shared>,
}

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Task {
    /// No two tasks that exist have the same.
    fn key(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn lock(&self) -> MutexGuard<'_, Option<BoxFuture>> {
        self.future.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One turn. Only the executor's thread calls this.
    fn run(self: Arc<Self>) {
        // Before the poll: a wake during the poll puts the task into the queue again.
        self.is_queued.swap(false, Ordering::AcqRel);
        let taken = self.lock().take();
        let Some(mut future) = taken else { return };
        if !self.is_aborted.load(Ordering::Acquire) {
            let waker = Waker::from(self.clone());
            if future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                *self.lock() = Some(future);
                return;
            }
        }
        let known = self.shared.lock().tasks.remove(&self.key());
        drop(known);
        contain(|| drop(future));
    }

    /// Drops the future.
    fn end(&self) {
        let future = self.lock().take();
        contain(|| drop(future));
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_queued.swap(true, Ordering::AcqRel) {
            self.shared.schedule(self.clone());
        }
    }
}

/// Why a task has no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinError {
    Aborted,
    Panicked,
}

/// Where a task leaves its result, for its handle.
struct Outcome<T>(Mutex<Stage<T>>);

enum Stage<T> {
    /// No result yet. The waker is that of the handle's latest poll.
    Running(Option<Waker>),
    Finished(Result<T, JoinError>),
    /// The handle has taken the result, or is gone.
    Over,
}

impl<T> Outcome<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Stage::Running(None))))
    }

    fn lock(&self) -> MutexGuard<'_, Stage<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the result, unless there was one, and wakes the task that waits for it.
    fn leave(&self, result: Result<T, JoinError>) {
        let mut stage = self.lock();
        let Stage::Running(joiner) = &mut *stage else { return };
        let joiner = joiner.take();
        *stage = Stage::Finished(result);
        drop(stage);
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }
}

/// The task's end of an outcome. A future that is dropped before it is ready was aborted.
struct Leaves<T>(Arc<Outcome<T>>);

impl<T> Drop for Leaves<T> {
    fn drop(&mut self) {
        self.0.leave(Err(JoinError::Aborted));
    }
}

/// Waits for the result of a task.
pub struct JoinHandle<T> {
    outcome: Arc<Outcome<T>>,
    task: Arc<Task>,
}

impl<T> JoinHandle<T> {
    /// Ends the task, unless it has its result already.
    pub fn abort(&self) {
        self.task.is_aborted.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        let waker = cx.waker().clone();
        let mut stage = self.outcome.lock();
        match mem::replace(&mut *stage, Stage::Over) {
            Stage::Finished(result) => Poll::Ready(result),
            Stage::Running(old) => {
                *stage = Stage::Running(Some(waker));
                drop(stage);
                drop(old);
                Poll::Pending
            }
            Stage::Over => panic!("a JoinHandle was polled after it was ready"),
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    /// The task runs on, and nothing waits for its result.
    fn drop(&mut self) {
        let unwanted = mem::replace(&mut *self.outcome.lock(), Stage::Over);
        drop(unwanted);
    }
}
