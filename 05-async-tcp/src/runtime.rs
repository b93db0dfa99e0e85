//! The executor, whose threads sleep in the reactor.

use std::any::Any;
use std::fmt;
use std::io;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use executor::{Executor, Handle, JoinHandle, Park, Unpark};

use crate::blocking::Pool;
use crate::reactor::{Poller, Reactor};

/// How many threads may block for [`unblock`](crate::unblock()) at once, by default.
const BLOCKING_THREADS: usize = 64;

/// How long such a thread waits for the next call before it ends.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

// ANCHOR: shared
/// What the tasks of a runtime need besides its executor.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) reactor: Reactor,
    pub(crate) pool: Pool,
}

/// Where the threads of the executor sleep.
struct Driver {
    poller: Poller,
    shared: Arc<Shared>,
}

impl Park for Driver {
    fn park(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.poller.park(&self.shared.reactor, limit)
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.shared.clone()
    }
}

impl Unpark for Shared {
    fn unpark(&self) {
        self.reactor.unpark();
    }
}
// ANCHOR_END: shared

// ANCHOR: current
/// The reactor and the pool of the runtime that the calling thread works for.
///
/// # Panics
/// On a thread that runs no executor, or another one than a [`Runtime`]'s.
#[track_caller]
pub(crate) fn current() -> Arc<Shared> {
    let unparker: Arc<dyn Any + Send + Sync> = Handle::current().unparker();
    unparker.downcast().unwrap_or_else(|_| {
        panic!(
            "this executor has no reactor, so nothing would wake the task: run it in \
             `async_tcp::Runtime::block_on`"
        )
    })
}
// ANCHOR_END: current

// ANCHOR: runtime
/// Runs tasks that use sockets, timers and files, on one thread or on several.
///
/// Dropping it drops the futures of all tasks, and waits for the calls on its blocking threads:
/// [`shutdown`](Self::shutdown) does the same within a limit. Dropping it inside one of its own tasks or
/// blocking calls panics.
pub struct Runtime {
    executor: Executor,
    shared: Arc<Shared>,
    /// After the executor, whose tasks may still use the reactor.
    _end: End,
}

/// Settings of a runtime. See [`Runtime::builder`].
#[derive(Debug, Clone)]
pub struct Builder {
    threads: usize,
    blocking_threads: usize,
}

impl Builder {
    /// How many threads run tasks, including the one in `block_on`. One by default.
    ///
    /// # Panics
    /// If it is 0.
    pub fn threads(self, threads: usize) -> Self {
        assert!(threads > 0, "a runtime needs a thread: that of block_on");
        Self { threads, ..self }
    }

    /// How many threads may block in [`unblock`](crate::unblock()) at once. 64 by default.
    ///
    /// # Panics
    /// If it is 0.
    pub fn blocking_threads(self, blocking_threads: usize) -> Self {
        assert!(blocking_threads > 0, "without a thread, unblock would wait for ever");
        Self { blocking_threads, ..self }
    }

    /// Makes the runtime, and starts all its threads but the one that will call `block_on`.
    ///
    /// # Errors
    /// The system cannot make a poller.
    ///
    /// # Panics
    /// If the system cannot start a thread.
    pub fn build(self) -> io::Result<Runtime> {
        let (reactor, poller) = Reactor::new()?;
        let pool = Pool::new(self.blocking_threads, KEEP_ALIVE);
        let shared = Arc::new(Shared { reactor, pool });
        let driver = Driver { poller, shared: shared.clone() };
        let executor = Executor::builder().threads(self.threads).park(driver).build();
        Ok(Runtime { executor, shared: shared.clone(), _end: End(shared) })
    }
}

impl Runtime {
    /// A runtime of one thread: the one that calls [`block_on`](Self::block_on).
    ///
    /// # Errors
    /// The system cannot make a poller.
    pub fn new() -> io::Result<Self> {
        Self::builder().build()
    }

    /// An executor with other settings.
    pub fn builder() -> Builder {
        Builder { threads: 1, blocking_threads: BLOCKING_THREADS }
    }

    /// Runs `future` on this thread until it is ready, and tasks meanwhile.
    ///
    /// # Panics
    /// As for [`Executor::block_on`].
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.executor.block_on(future)
    }

    /// Spawns a task, as [`spawn`](crate::spawn()) does.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.executor.spawn(future)
    }

    /// A handle that spawns from any thread.
    pub fn handle(&self) -> Handle {
        self.executor.handle()
    }

    /// How many sockets are registered with the reactor.
    pub fn sockets(&self) -> usize {
        self.shared.reactor.len()
    }

    /// Drops the futures of all tasks, ends the threads, and returns when that is done, or when `limit`
    /// has passed: a poll that blocks cannot be interrupted, nor can a call on a blocking thread. They
    /// continue until they return, or the process ends.
    ///
    /// # Errors
    /// The time was up first.
    ///
    /// # Panics
    /// Inside one of its own tasks or blocking calls, and if the system cannot start a thread.
    // ANCHOR: shutdown
    pub fn shutdown(self, limit: Duration) -> Result<(), StillRunning> {
        let deadline = Instant::now().checked_add(limit);
        assert!(
            !self.executor.works_here() && !self.shared.pool.works_here(),
            "a runtime was shut down inside one of its own tasks or blocking calls, which it would wait \
             for: keep it outside of block_on"
        );
        let Self { executor, shared, _end } = self;
        // What ends the executor has no deadline, so another thread does it, and we wait for that thread.
        let (ended, end) = mpsc::channel();
        let waits = move || {
            executor.shutdown();
            drop(_end);
            // If the receiver is gone, the time was up.
            let _ = ended.send(());
        };
        thread::Builder::new().name("shutdown".into()).spawn(waits).expect("a thread to wait on");
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let result = match left {
            Some(left) => end.recv_timeout(left).is_ok(),
            None => end.recv().is_ok(),
        };
        if result { Ok(()) } else { Err(StillRunning { blocking: shared.pool.busy() }) }
    }
    // ANCHOR_END: shutdown
}
// ANCHOR_END: runtime

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("sockets", &self.sockets()).finish_non_exhaustive()
    }
}

// ANCHOR: end
/// Ends what the tasks needed, once there are none.
#[derive(Debug)]
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.reactor.close();
        self.0.pool.close();
        if !self.0.pool.works_here() {
            return self.0.pool.wait();
        }
        let why = "a runtime was dropped inside one of its own blocking calls, where it would wait for \
                   itself: keep it outside of block_on";
        assert!(thread::panicking(), "{why}");
    }
}
// ANCHOR_END: end

/// The time for a shutdown was up, and something still ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StillRunning {
    /// How many calls are on blocking threads, or wait for one. 0: a task's poll has not returned.
    pub blocking: usize,
}

impl fmt::Display for StillRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.blocking {
            0 => f.write_str("the time for the shutdown was up, and a task was still being polled"),
            n => write!(f, "the time for the shutdown was up, and {n} blocking calls still ran"),
        }
    }
}

impl std::error::Error for StillRunning {}
