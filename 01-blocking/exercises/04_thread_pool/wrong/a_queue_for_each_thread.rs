//! M62 · fails: no_job_waits_while_a_thread_is_free

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

struct Worker {
    jobs: Sender<Job>,
    thread: JoinHandle<()>,
}

impl Worker {
    fn start() -> Self {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let thread = thread::spawn(move || {
            for job in inbox {
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        });
        Self { jobs, thread }
    }
}

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    workers: Vec<Worker>,
    /// Whose turn it is.
    next: AtomicUsize,
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: nobody would ever run a job.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let workers = (0..threads).map(|_| Worker::start()).collect();
        Self { workers, next: AtomicUsize::new(0) }
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.workers.len();
        self.workers[turn].jobs.send(job).expect("a worker lives as long as its channel");
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        let mut threads = Vec::new();
        for Worker { jobs, thread } in self.workers.drain(..) {
            drop(jobs);
            threads.push(thread);
        }
        for thread in threads {
            let _ = thread.join();
        }
    }
}
