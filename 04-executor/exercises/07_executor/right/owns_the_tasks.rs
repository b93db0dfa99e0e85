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

use std::collections::HashMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

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

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What comes to the executor's thread.
enum Message {
    New(Arc<Name>, BoxFuture),
    Wake(u64),
}

/// The future of `block_on`; tasks have higher numbers.
const MAIN: u64 = 0;

/// Runs tasks on the thread that calls [`block_on`](Self::block_on), and owns them: what other threads have
/// is their numbers.
pub struct Executor {
    /// Dropped first: what comes after that goes back to who has sent it.
    messages: Receiver<Message>,
    tasks: HashMap<u64, (Arc<Name>, BoxFuture)>,
    handle: Handle,
    driver: Box<dyn Driver>,
}

impl Executor {
    /// An executor without tasks, whose thread sleeps in `driver`.
    pub fn new(driver: impl Driver) -> Self {
        let (sender, messages) = channel();
        let (unparker, next) = (driver.unparker(), Arc::new(AtomicU64::new(MAIN + 1)));
        let handle = Handle { sender, unparker, next };
        Self { messages, tasks: HashMap::new(), handle, driver: Box::new(driver) }
    }

    /// What spawns from anywhere.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs `future` until it is ready, and tasks beside it.
    pub fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        let main = Arc::new(Name::new(MAIN, self.handle.clone()));
        let waker = Waker::from(main.clone());
        main.wake_by_ref();
        loop {
            for _ in 0..ROUND {
                match self.messages.try_recv() {
                    Ok(Message::Wake(MAIN)) => {
                        // May be the wake of an earlier `block_on`, which is not ours.
                        if main.is_queued.swap(false, SeqCst) {
                            let mut cx = Context::from_waker(&waker);
                            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                                return output;
                            }
                        }
                    }
                    Ok(Message::Wake(number)) => {
                        if let Some((name, future)) = self.tasks.remove(&number) {
                            self.turn(name, future);
                        }
                    }
                    Ok(Message::New(name, future)) => self.turn(name, future),
                    Err(_) => {
                        self.driver.park();
                        break;
                    }
                }
            }
            self.driver.look();
        }
    }

    fn turn(&mut self, name: Arc<Name>, mut future: BoxFuture) {
        name.is_queued.store(false, SeqCst);
        if name.is_aborted.load(SeqCst) {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
            return;
        }
        let waker = Waker::from(name.clone());
        if future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.tasks.insert(name.number, (name, future));
        }
    }
}

/// A task, as its wakers know it.
struct Name {
    number: u64,
    is_queued: AtomicBool,
    is_aborted: AtomicBool,
    handle: Handle,
}

impl Name {
    fn new(number: u64, handle: Handle) -> Self {
        Self { number, is_queued: false.into(), is_aborted: false.into(), handle }
    }
}

impl Wake for Name {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_queued.swap(true, SeqCst) {
            self.handle.send(Message::Wake(self.number));
        }
    }
}

/// Spawns from any thread. Its clones spawn on the same executor.
#[derive(Clone)]
pub struct Handle {
    sender: Sender<Message>,
    unparker: Arc<dyn Unpark>,
    next: Arc<AtomicU64>,
}

impl Handle {
    fn send(&self, message: Message) {
        // An error drops the message: the executor is gone.
        let _ = self.sender.send(message);
        self.unparker.unpark();
    }

    /// Makes a task of `future`. If the executor is gone, the task is aborted at once.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let end = Arc::new(Mutex::new(End { result: None, joiner: None }));
        let owner = Owner(end.clone());
        let future = Box::pin(async move {
            let result = {
                let mut future = pin!(Some(future));
                let polled = poll_fn(|cx| {
                    let future = future.as_mut().as_pin_mut().unwrap();
                    match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
                        Ok(poll) => poll.map(Ok),
                        Err(_) => Poll::Ready(Err(JoinError::Panicked)),
                    }
                })
                .await;
                let dropped = catch_unwind(AssertUnwindSafe(|| future.set(None)));
                dropped.map_or(Err(JoinError::Panicked), |()| polled)
            };
            owner.finish(result);
        });
        let name = Arc::new(Name::new(self.next.fetch_add(1, SeqCst), self.clone()));
        // Queued as what it is: a wake before its first turn is for that turn.
        name.is_queued.store(true, SeqCst);
        self.send(Message::New(name.clone(), future));
        JoinHandle { end, name }
    }
}

/// Why a task has no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinError {
    Aborted,
    Panicked,
}

struct End<T> {
    result: Option<Result<T, JoinError>>,
    joiner: Option<Waker>,
}

/// The task's reference to its end. The other one is the handle's.
struct Owner<T>(Arc<Mutex<End<T>>>);

impl<T> Owner<T> {
    fn finish(&self, result: Result<T, JoinError>) {
        let joiner = {
            let mut end = self.0.lock().unwrap();
            end.result = Some(result);
            end.joiner.take()
        };
        joiner.into_iter().for_each(Waker::wake);
    }
}

impl<T> Drop for Owner<T> {
    fn drop(&mut self) {
        let has_result = self.0.lock().unwrap().result.is_some();
        // Without a handle there may have been one, and nothing waits for another.
        if !has_result && Arc::strong_count(&self.0) > 1 {
            self.finish(Err(JoinError::Aborted));
        }
    }
}

/// Waits for the result of a task.
pub struct JoinHandle<T> {
    end: Arc<Mutex<End<T>>>,
    name: Arc<Name>,
}

impl<T> JoinHandle<T> {
    /// Ends the task, unless it has its result already.
    pub fn abort(&self) {
        self.name.is_aborted.store(true, SeqCst);
        self.name.wake_by_ref();
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        let mut end = self.end.lock().unwrap();
        match end.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                end.joiner = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}
