//! A pool of threads, made by hand.
//!
//! A pool has a fixed number of threads. Jobs wait in a queue, first come, first served; a free
//! thread takes the next. A job that panics takes down nothing but itself. Dropping the pool
//! finishes what was queued, and then its threads end.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    /// Signalled once for each job, and to all threads when the queue is closed.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Jobs that no thread has taken, in the order in which they came.
    jobs: VecDeque<Job>,
    /// No job will be added any more.
    closed: bool,
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: no job would ever run.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let queue = Arc::new(Queue::default());
        let start = |_| {
            let queue = queue.clone();
            thread::spawn(move || queue.work())
        };
        Self { threads: (0..threads).map(start).collect(), queue }
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        self.queue.state.lock().expect("no job runs under this lock").jobs.push_back(job);
        self.queue.changed.notify_one();
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        self.queue.state.lock().expect("no job runs under this lock").closed = true;
        self.queue.changed.notify_all();
        for thread in self.threads.drain(..) {
            // A worker catches its jobs' panics, so it has none of its own to report.
            let _ = thread.join();
        }
    }
}

// ANCHOR: work
impl Queue {
    /// The life of a thread.
    fn work(&self) {
        while let Some(job) = self.next_job() {
            // The panic was printed by the panic hook. What matters here is that this thread
            // survives.
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
    }

    /// Blocks until there is a job, or there will never be one. The lock is released on return,
    /// before the job runs.
    fn next_job(&self) -> Option<Job> {
        let state = self.state.lock().expect("no job runs under this lock");
        let mut state = (self.changed)
            .wait_while(state, |state| state.jobs.is_empty() && !state.closed)
            .expect("no job runs under this lock");
        state.jobs.pop_front()
    }
}
// ANCHOR_END: work
