//! M54 · fails: execute_does_not_wait_for_the_job

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// Far more than anybody will ever queue; memory stays bounded.
const QUEUE: usize = 1000;

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

fn take(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    queue.recv().ok()
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: nobody would ever run a job.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let (sender, receiver) = sync_channel(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut pool = Self { queue: Some(sender), threads: Vec::new() };
        pool.threads.resize_with(threads, || {
            let receiver = Arc::clone(&receiver);
            thread::spawn(move || {
                // `take` has returned its guard when the body begins.
                while let Some(job) = take(&receiver) {
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            })
        });
        pool
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        if let Some(queue) = &self.queue {
            queue.send(job).expect("the threads hold the receiver");
        }
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        self.queue = None;
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}
