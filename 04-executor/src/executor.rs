//! An executor: its threads, and the way in.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker};

use crate::budget::Turn;
use crate::clock::{Clock, SystemClock};
use crate::context;
use crate::join_handle::JoinHandle;
use crate::local::LocalTasks;
use crate::park::{Park, ThreadPark};
use crate::shared::Shared;
use crate::spawn::Handle;
use crate::sync::{AtomicBool, thread};
use crate::worker::Worker;

/// Runs tasks on one thread, or on several.
///
/// One of its threads is the one that calls [`block_on`](Self::block_on). Dropped, it shuts down: see
/// [`shutdown`](Self::shutdown). Dropped inside one of its own tasks it panics: its threads end, and
/// futures may be left.
pub struct Executor {
    handle: Handle,
    threads: Vec<thread::JoinHandle<()>>,
    /// Whether a thread is in `block_on`.
    entered: AtomicBool,
}

/// What an executor is made with. See [`Executor::builder`].
pub struct Builder {
    threads: usize,
    park: Box<dyn Park>,
    clock: Box<dyn Clock>,
}

impl Builder {
    /// How many threads run tasks, with the one that is in `block_on`. One unless it is said.
    ///
    /// # Panics
    /// If it is 0.
    pub fn threads(self, threads: usize) -> Self {
        assert!(threads > 0, "an executor needs a thread: that of block_on");
        Self { threads, ..self }
    }

    /// Where an idle thread sleeps: in `std::thread::park` unless it is said.
    pub fn park(self, park: impl Park) -> Self {
        Self { park: Box::new(park), ..self }
    }

    /// What timers go by: `Instant::now` unless it is said.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Makes the executor, and starts its threads but the one that calls `block_on`.
    ///
    /// # Panics
    /// If the system has no thread left.
    pub fn build(self) -> Executor {
        let shared = Shared::new(self.threads, self.park, self.clock);
        let handle = Handle { shared: shared.clone() };
        // From here on it shuts down by itself if a thread cannot be started.
        let entered = AtomicBool::new(false);
        let mut executor = Executor { handle, threads: Vec::new(), entered };
        for number in 1..self.threads {
            executor.threads.push(background(shared.clone(), number));
        }
        executor
    }
}

/// A thread that works until the executor stops.
fn background(shared: Arc<Shared>, number: usize) -> thread::JoinHandle<()> {
    let work = move || {
        let _entered = context::enter(shared.clone(), number, None);
        let stopping = || shared.stopping.load(Ordering::Acquire);
        Worker::new(&shared, number, None).run(stopping, || !stopping());
    };
    let name = format!("worker {number}");
    thread::Builder::new().name(name).spawn(work).expect("a thread for the executor")
}

impl Executor {
    /// An executor of one thread: the one that calls [`block_on`](Self::block_on).
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// More to choose.
    pub fn builder() -> Builder {
        Builder { threads: 1, park: Box::new(ThreadPark::new()), clock: Box::new(SystemClock) }
    }

    /// What spawns from anywhere.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    // ANCHOR: block_on
    /// Runs `future` on this thread until it is ready, and tasks beside it. Tasks that are not ready
    /// then stay where they are, for the other threads or the next `block_on`; those of
    /// [`spawn_local`](crate::spawn_local) are dropped.
    ///
    /// # Panics
    /// If the future panics; inside a task of an executor; and while another thread is in `block_on`
    /// of this one.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let shared = &self.handle.shared;
        let local = LocalTasks::new(shared.clone(), MAIN);
        // In the reverse order they are dropped: the local tasks end while this thread is a worker.
        let _entered = context::enter(shared.clone(), MAIN, Some(local.clone()));
        let _only_one = self.enter();
        let _end = EndOfLocalTasks(&local);

        let mut future = pin!(future);
        let main = Arc::new(Main { shared: shared.clone(), woken: AtomicBool::new(true) });
        let waker = Waker::from(main.clone());
        let mut cx = Context::from_waker(&waker);
        let mut output = None;
        let is_woken = || main.woken.load(Ordering::Acquire);
        Worker::new(shared, MAIN, Some(&local.queue)).run(is_woken, || {
            if main.woken.swap(false, Ordering::AcqRel) {
                let _turn = Turn::begin();
                if let Poll::Ready(ready) = future.as_mut().poll(&mut cx) {
                    output = Some(ready);
                }
            }
            output.is_none()
        });
        output.expect("the worker has ended because it is there")
    }
    // ANCHOR_END: block_on

    fn enter(&self) -> impl Drop + '_ {
        let taken = self.entered.swap(true, Ordering::Acquire);
        assert!(!taken, "another thread is in block_on of this executor: spawn through its handle");
        struct Leave<'a>(&'a Executor);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.entered.store(false, Ordering::Release);
                // What this worker leaves in its queue is for the others.
                self.0.handle.shared.wake_one();
            }
        }
        Leave(self)
    }

    /// Spawns a task, as [`spawn`](crate::spawn()) does.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// Whether the calling thread works for it: in `block_on`, or as one of its own.
    pub fn works_here(&self) -> bool {
        self.handle.shared.worker().is_some()
    }

    // ANCHOR: shutdown
    /// Ends all tasks and threads, and returns when that is done: a poll that runs is waited for, then
    /// all futures are dropped. What is spawned from now on is aborted at once.
    ///
    /// # Panics
    /// Inside one of its own tasks: it would wait for itself.
    pub fn shutdown(self) {
        drop(self);
    }

    /// Takes no tasks any more, aborts those that are there, and has the threads end.
    fn close(&self) {
        let shared = &self.handle.shared;
        shared.owned.close();
        shared.stopping.store(true, Ordering::Release);
        (1..shared.queues.len()).for_each(|worker| shared.wake_worker(worker));
    }

    /// Waits for the threads, and drops the futures that they have left.
    fn finish(&mut self) {
        let shared = self.handle.shared.clone();
        for thread in self.threads.drain(..) {
            // It cannot have panicked: panics of tasks are caught.
            let _ = thread.join();
        }
        // Every task is in some queue now, or on its way, for its future to be dropped, and this is
        // the only thread that runs them.
        let _entered = context::enter_to_stop(shared.clone(), MAIN);
        let worker = Worker::new(&shared, MAIN, None);
        while shared.owned.len() > 0 {
            match worker.next(0) {
                Some(task) => task.run(),
                // A thread of others has marked a task as scheduled, and is about to put it here.
                None => thread::yield_now(),
            }
        }
    }
    // ANCHOR_END: shutdown
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.close();
        if !self.works_here() {
            return self.finish();
        }
        let why = "an executor was dropped inside one of its own tasks, where it would wait for itself: \
                   keep it outside of block_on";
        assert!(thread::panicking(), "{why}");
    }
}

impl Default for Executor {
    fn default() -> Self {
        Self::new()
    }
}

/// The worker that is in `block_on`.
const MAIN: usize = 0;

/// The waker of the future that `block_on` runs.
struct Main {
    shared: Arc<Shared>,
    woken: AtomicBool,
}

impl Wake for Main {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.shared.wake_worker(MAIN);
        }
    }
}

struct EndOfLocalTasks<'a>(&'a LocalTasks);

impl Drop for EndOfLocalTasks<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Runs a future on this thread, with an executor of one thread that ends with it.
///
/// # Panics
/// As for [`Executor::block_on`].
pub fn block_on<F: Future>(future: F) -> F::Output {
    Executor::new().block_on(future)
}
