//! M63 · fails: no_thread_is_lost_while_jobs_come_and_go
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
    fn next(&self) -> Option<Job> {
        let state = self.state.lock().unwrap();
        let mut state = self.wake.wait_while(state, |s| s.jobs.is_empty() && !s.closed).unwrap();
        state.jobs.pop_front()
    }

    fn work(&self) {
        loop {
            let Some(job) = self.next() else { return };
            let _ = catch_unwind(AssertUnwindSafe(job));
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
        let mut state = self.shared.state.lock().unwrap();
        let was_empty = state.jobs.is_empty();
        state.jobs.push_back(job);
        drop(state);
        // If there were jobs already, the threads are awake.
        if was_empty {
            self.shared.wake.notify_one();
        }
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
