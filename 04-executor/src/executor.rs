//! An executor: its threads, and how futures get into it.

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
/// One of its threads is the one that calls [`block_on`](Self::block_on). Dropping it shuts it down: see
/// [`shutdown`](Self::shutdown). Dropping it inside one of its own tasks panics: its threads end, and
/// futures may be left over.
pub struct Executor {
    handle: Handle,
    threads: Vec<thread::JoinHandle<()>>,
    /// Whether a thread is in `block_on`.
    entered: AtomicBool,
}

/// Settings of an executor. See [`Executor::builder`].
pub struct Builder {
    threads: usize,
    park: Box<dyn Park>,
    clock: Box<dyn Clock>,
}

impl Builder {
    /// How many threads run tasks, including the one in `block_on`. One by default.
    ///
    /// # Panics
    /// If it is 0.
    pub fn threads(self, threads: usize) -> Self {
        assert!(threads > 0, "an executor needs a thread: that of block_on");
        Self { threads, ..self }
    }

    /// Where an idle thread sleeps. In `std::thread::park` by default.
    pub fn park(self, park: impl Park) -> Self {
        Self { park: Box::new(park), ..self }
    }

    /// What timers go by. `Instant::now` by default.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// Makes the executor, and starts all its threads but the one that will call `block_on`.
    ///
    /// # Panics
    /// If the system cannot start a thread.
    pub fn build(self) -> Executor {
        let shared = Shared::new(self.threads, self.park, self.clock);
        let handle = Handle { shared: shared.clone() };
        // From here on a panic drops it: the threads that were started are ended.
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

    /// An executor with other settings.
    pub fn builder() -> Builder {
        Builder { threads: 1, park: Box::new(ThreadPark::new()), clock: Box::new(SystemClock) }
    }

    /// A handle that spawns from any thread.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    // ANCHOR: block_on
    /// Runs `future` on this thread until it is ready, and tasks meanwhile. Tasks that have not finished
    /// by then stay where they are, for the other threads or the next `block_on`; those of
    /// [`spawn_local`](crate::spawn_local) are dropped.
    ///
    /// # Panics
    /// If the future panics; inside a task of an executor; and while another thread is in `block_on`
    /// of this executor.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let shared = &self.handle.shared;
        let local = LocalTasks::new(shared.clone(), MAIN);
        // These are dropped in reverse order: the local tasks end while this thread is still a worker.
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
        output.expect("the worker ends once there is an output")
    }
    // ANCHOR_END: block_on

    fn enter(&self) -> impl Drop + '_ {
        let taken = self.entered.swap(true, Ordering::Acquire);
        assert!(!taken, "another thread is in block_on of this executor: spawn through its handle");
        struct Leave<'a>(&'a Executor);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.entered.store(false, Ordering::Release);
                // What this worker leaves in its queue, the others steal.
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

    /// Whether the calling thread works for it, in `block_on` or as one of its own threads.
    pub fn works_here(&self) -> bool {
        self.handle.shared.worker().is_some()
    }

    // ANCHOR: shutdown
    /// Ends all tasks and threads, and returns when that is done. It waits for polls that are running, and
    /// then drops all futures. A task that is spawned from now on is aborted at once.
    ///
    /// # Panics
    /// Inside one of its own tasks, because it would wait for itself.
    pub fn shutdown(self) {
        drop(self);
    }

    /// Accepts no more tasks, aborts those that are there, and tells the threads to end.
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
        // Every task is in some queue now, or on its way into one, so that its future is dropped. This is
        // the only thread that runs them.
        let _entered = context::enter_to_stop(shared.clone(), MAIN);
        let worker = Worker::new(&shared, MAIN, None);
        while shared.owned.len() > 0 {
            match worker.next(0) {
                Some(task) => task.run(),
                // A foreign thread has marked a task as scheduled, and is about to queue it.
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

/// Runs a future on this thread, in an executor of one thread that ends with it.
///
/// # Panics
/// As for [`Executor::block_on`].
pub fn block_on<F: Future>(future: F) -> F::Output {
    Executor::new().block_on(future)
}
