//! M53 · fails: dropping_the_pool_ends_its_threads
//! A pool of threads, made by hand.
//!
//! A pool has a fixed number of threads. Jobs wait in a queue, first come, first served; a free
//! thread takes the next. A job that panics takes down nothing but itself. Dropping the pool
//! finishes what was queued, and then its threads end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl ThreadPool {
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let start = |_| {
            let queue = queue.clone();
            thread::spawn(move || work(&queue))
        };
        Self { jobs: Some(jobs), threads: (0..threads).map(start).collect() }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let jobs = self.jobs.as_ref().expect("open until dropped");
        jobs.send(Box::new(job)).expect("the threads live as long as the pool");
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

// ANCHOR: work
fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().expect("no job runs under this lock").recv();
        let Ok(job) = job else { return };
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}
// ANCHOR_END: work
