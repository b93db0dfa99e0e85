//! M54 · fails: no_more_threads_than_asked_for
//! A pool of threads, made by hand.
//!
//! A pool has a fixed number of threads. Jobs wait in a queue, first come, first served; a free
//! thread takes the next. A job that panics takes down nothing but itself. Dropping the pool
//! finishes what was queued, and then its threads end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    jobs: Option<Sender<Job>>,
    manager: Option<JoinHandle<()>>,
}

impl ThreadPool {
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let (jobs, queue) = mpsc::channel::<Job>();
        // Never more than `threads` at once: the manager waits for a round of jobs before it starts
        // the next.
        let manager = thread::spawn(move || {
            while let Ok(first) = queue.recv() {
                let mut round = vec![first];
                round.extend(queue.try_iter().take(threads - 1));
                let run =
                    |job: Job| thread::spawn(move || drop(catch_unwind(AssertUnwindSafe(job))));
                let running: Vec<_> = round.into_iter().map(run).collect();
                for thread in running {
                    let _ = thread.join();
                }
            }
        });
        Self { jobs: Some(jobs), manager: Some(manager) }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let jobs = self.jobs.as_ref().expect("open until dropped");
        jobs.send(Box::new(job)).expect("the manager lives as long as the pool");
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(manager) = self.manager.take() {
            let _ = manager.join();
        }
    }
}
