//! A panic is not caught: a thread that it ends starts its successor.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

#[derive(Default)]
struct Shared {
    /// None behind the last job: the pool is being dropped, and the thread that takes it leaves it
    /// for the others.
    jobs: Mutex<VecDeque<Option<Job>>>,
    came: Condvar,
    /// Threads that have not been joined. A thread is here before the one that it replaces has ended.
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Starts a successor if its thread panics.
struct Sentinel(Arc<Shared>);

impl Drop for Sentinel {
    fn drop(&mut self) {
        if thread::panicking() {
            start(&self.0);
        }
    }
}

fn start(shared: &Arc<Shared>) {
    let mut threads = shared.threads.lock().unwrap();
    let sentinel = Sentinel(shared.clone());
    threads.push(thread::spawn(move || {
        while let Some(job) = sentinel.0.next_job() {
            job();
        }
    }));
}

impl Shared {
    fn next_job(&self) -> Option<Job> {
        let mut jobs = self.jobs.lock().unwrap();
        loop {
            match jobs.pop_front() {
                Some(None) => {
                    jobs.push_front(None);
                    return None;
                }
                Some(job) => return job,
                None => jobs = self.came.wait(jobs).unwrap(),
            }
        }
    }

    fn push(&self, job: Option<Job>) {
        let mut jobs = self.jobs.lock().unwrap();
        jobs.push_back(job);
        self.came.notify_all();
    }
}

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    shared: Arc<Shared>,
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: no job would ever run.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let shared = Arc::new(Shared::default());
        (0..threads).for_each(|_| start(&shared));
        Self { shared }
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.shared.push(Some(Box::new(job)));
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        self.shared.push(None);
        loop {
            let Some(thread) = self.shared.threads.lock().unwrap().pop() else { return };
            let _ = thread.join();
        }
    }
}
