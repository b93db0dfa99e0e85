//! M62 · fails: all_threads_work_at_once
//! A pool of threads, made by hand.
//!
//! A pool has a fixed number of threads. Jobs wait in a queue, first come, first served; a free
//! thread takes the next. A job that panics takes down nothing but itself. Dropping the pool
//! finishes what was queued, and then its threads end.
//!
//! The standard library has all you need: `Mutex` and `Condvar` around a `VecDeque`, or an
//! `mpsc` channel; for panics, `std::panic::catch_unwind` with `AssertUnwindSafe`.
//!
//! Your task: the fields of `ThreadPool`, `new`, `execute`, `drop`.
//!
//! Read first: the book, "A pool".
//! Check with `cargo workshop check thread_pool`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

impl Shared {
    /// All that is queued; nothing when nothing will come any more.
    fn take(&self) -> VecDeque<Job> {
        let mut state = self.state.lock().unwrap();
        while state.jobs.is_empty() && !state.closed {
            state = self.wake.wait(state).unwrap();
        }
        std::mem::take(&mut state.jobs)
    }

    fn work(&self) {
        loop {
            // The lock is held for a moment only, not while the jobs run.
            let jobs = self.take();
            if jobs.is_empty() {
                return;
            }
            for job in jobs {
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        }
    }
}

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: nobody would ever run a job.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let shared = Arc::new(Shared::default());
        let workers = (0..threads)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.work())
            })
            .collect();
        Self { shared, workers }
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        self.shared.state.lock().unwrap().jobs.push_back(job);
        self.shared.wake.notify_one();
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().closed = true;
        self.shared.wake.notify_all();
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
