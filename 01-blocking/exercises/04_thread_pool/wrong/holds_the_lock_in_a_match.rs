//! M57 · fails: all_threads_work_at_once

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    /// None once the pool is being dropped.
    jobs: Option<Sender<Job>>,
    workers: Vec<thread::JoinHandle<()>>,
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: nobody would ever run a job.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let (tx, rx) = channel::<Job>();
        let rx: Arc<Mutex<Receiver<Job>>> = Arc::new(Mutex::new(rx));
        let mut workers = Vec::with_capacity(threads);
        for _ in 0..threads {
            let rx = rx.clone();
            workers.push(thread::spawn(move || {
                // Not `while let`: that would keep the lock for the whole body.
                loop {
                    match rx.lock().expect("nobody panics under the lock").recv() {
                        Ok(job) => {
                            if panic::catch_unwind(AssertUnwindSafe(job)).is_err() {
                                eprintln!("a job panicked");
                            }
                        }
                        Err(_) => break,
                    }
                }
            }));
        }
        Self { jobs: Some(tx), workers }
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        self.jobs.as_ref().expect("only drop takes it").send(job).expect("workers are alive");
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        drop(self.jobs.take());
        for worker in self.workers.drain(..) {
            worker.join().expect("workers catch panics");
        }
    }
}
