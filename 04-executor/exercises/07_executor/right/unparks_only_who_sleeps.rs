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

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

// They work like those of `std::sync`, and the tests see when the lock is held.
use testkit::WatchedMutex as Mutex;

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

/// A task of any future, as the executor sees it.
trait Run: Send + Sync {
    fn run(self: Arc<Self>);
    fn end(&self);
}

/// Runs tasks on the thread that calls [`block_on`](Self::block_on).
pub struct Executor {
    shared: Arc<Shared>,
    driver: Box<dyn Driver>,
}

struct Shared {
    queue: Mutex<VecDeque<Arc<dyn Run>>>,
    /// Every task that may have a future. None once the executor has ended.
    all: Mutex<Option<Vec<Weak<dyn Run>>>>,
    is_asleep: AtomicBool,
    unparker: Arc<dyn Unpark>,
}

impl Shared {
    /// What there is to do was published before this.
    fn notify(&self) {
        if self.is_asleep.swap(false, SeqCst) {
            self.unparker.unpark();
        }
    }

    fn pop(&self) -> Option<Arc<dyn Run>> {
        self.queue.lock().unwrap().pop_front()
    }
}

struct Main {
    is_woken: AtomicBool,
    shared: Arc<Shared>,
}

impl Wake for Main {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, SeqCst);
        self.shared.notify();
    }
}

impl Executor {
    /// An executor without tasks, whose thread sleeps in `driver`.
    pub fn new(driver: impl Driver) -> Self {
        let shared = Shared {
            queue: Mutex::default(),
            all: Mutex::new(Some(Vec::new())),
            is_asleep: AtomicBool::new(false),
            unparker: driver.unparker(),
        };
        Self { shared: Arc::new(shared), driver: Box::new(driver) }
    }

    /// What spawns from anywhere.
    pub fn handle(&self) -> Handle {
        Handle { shared: self.shared.clone() }
    }

    /// Runs `future` until it is ready, and tasks beside it.
    pub fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        let main = Arc::new(Main { is_woken: AtomicBool::new(true), shared: self.shared.clone() });
        let waker = Waker::from(main.clone());
        loop {
            if main.is_woken.swap(false, SeqCst)
                && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker))
            {
                return output;
            }
            for _ in 1..ROUND {
                let Some(task) = self.shared.pop() else { break };
                task.run();
            }
            self.driver.look();
            // First say that this thread sleeps, then look for the last time.
            self.shared.is_asleep.store(true, SeqCst);
            if self.shared.queue.lock().unwrap().is_empty() && !main.is_woken.load(SeqCst) {
                self.driver.park();
            }
            self.shared.is_asleep.store(false, SeqCst);
        }
    }
}

impl Drop for Executor {
    /// Ends all tasks.
    fn drop(&mut self) {
        let all = self.shared.all.lock().unwrap().take();
        for task in all.into_iter().flatten().filter_map(|task| task.upgrade()) {
            task.end();
        }
        while let Some(task) = self.shared.pop() {
            drop(task);
        }
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
        let task = Arc::new(Task {
            state: AtomicU8::new(IDLE),
            future: Mutex::new(Some(Box::pin(future))),
            result: Mutex::new((None, None)),
            is_detached: AtomicBool::new(false),
            shared: self.shared.clone(),
        });
        let run: Arc<dyn Run> = task.clone();
        let has_ended = match &mut *self.shared.all.lock().unwrap() {
            Some(all) => {
                // Now and then, those that are over make room.
                if all.len() == all.capacity() {
                    all.retain(|task| task.strong_count() > 0);
                }
                all.push(Arc::downgrade(&run));
                false
            }
            None => true,
        };
        if has_ended {
            task.end()
        } else {
            task.wake_by_ref()
        }
        JoinHandle { task }
    }
}

/// The bits of a task's state.
const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const ABORTED: u8 = 2;

struct Task<F: Future> {
    state: AtomicU8,
    future: Mutex<Option<Pin<Box<F>>>>,
    result: Mutex<(Option<Result<F::Output, JoinError>>, Option<Waker>)>,
    is_detached: AtomicBool,
    shared: Arc<Shared>,
}

impl<F> Task<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn finish(&self, result: Result<F::Output, JoinError>) {
        let mut place = self.result.lock().unwrap();
        place.0 = Some(result);
        let joiner = place.1.take();
        drop(place);
        // The handle looks for a result after it has said that it is gone: one of us finds it.
        if self.is_detached.load(SeqCst) {
            let unwanted = self.result.lock().unwrap().0.take();
            drop(unwanted);
        }
        joiner.into_iter().for_each(Waker::wake);
    }
}

impl<F> Run for Task<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn run(self: Arc<Self>) {
        if self.state.fetch_and(!QUEUED, SeqCst) & ABORTED != 0 {
            return self.end();
        }
        let Some(mut future) = ({ self.future.lock().unwrap().take() }) else { return };
        let waker = Waker::from(self.clone());
        let mut cx = Context::from_waker(&waker);
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut cx))) {
            Ok(Poll::Pending) => *self.future.lock().unwrap() = Some(future),
            Ok(Poll::Ready(output)) => {
                let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
                self.finish(dropped.map(|()| output).map_err(|_| JoinError::Panicked));
            }
            Err(_) => {
                let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
                self.finish(Err(JoinError::Panicked));
            }
        }
    }

    fn end(&self) {
        let future = self.future.lock().unwrap().take();
        if future.is_some() {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
            self.finish(Err(JoinError::Aborted));
        }
    }
}

impl<F> Wake for Task<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn wake(self: Arc<Self>) {
        if self.state.fetch_or(QUEUED, SeqCst) & QUEUED == 0 {
            let shared = self.shared.clone();
            // Whether the executor is gone is known under this lock, as long as it is held.
            let all = shared.all.lock().unwrap();
            if all.is_some() {
                shared.queue.lock().unwrap().push_back(self);
            }
            drop(all);
            shared.notify();
        }
    }
}

/// Why a task has no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinError {
    Aborted,
    Panicked,
}

trait Join<T>: Send + Sync {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>>;
    fn abort(self: Arc<Self>);
    fn detach(&self);
}

impl<F> Join<F::Output> for Task<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<F::Output, JoinError>> {
        let mut place = self.result.lock().unwrap();
        if let Some(result) = place.0.take() {
            return Poll::Ready(result);
        }
        match &mut place.1 {
            Some(joiner) => joiner.clone_from(cx.waker()),
            joiner => *joiner = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    fn abort(self: Arc<Self>) {
        self.state.fetch_or(ABORTED, SeqCst);
        self.wake();
    }

    fn detach(&self) {
        self.is_detached.store(true, SeqCst);
        let mut place = self.result.lock().unwrap();
        let unwanted = (place.0.take(), place.1.take());
        drop(place);
        drop(unwanted);
    }
}

/// Waits for the result of a task.
pub struct JoinHandle<T> {
    task: Arc<dyn Join<T>>,
}

impl<T> JoinHandle<T> {
    /// Ends the task, unless it has its result already.
    pub fn abort(&self) {
        self.task.clone().abort();
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        self.task.poll(cx)
    }
}

impl<T> Drop for JoinHandle<T> {
    /// The task runs on, and nothing waits for its result.
    fn drop(&mut self) {
        self.task.detach();
    }
}
