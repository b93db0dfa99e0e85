//! The queue is a channel, and its end is the end of the pool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    /// None once the pool is being dropped.
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: no job would ever run.
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

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let jobs = self.jobs.as_ref().expect("open until dropped");
        jobs.send(Box::new(job)).expect("the threads live as long as the pool");
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        drop(self.jobs.take());
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().expect("no job runs under this lock").recv();
        let Ok(job) = job else { return };
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}
