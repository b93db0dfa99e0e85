//! M53 · fails: dropping_the_pool_waits_after_a_panic_as_well

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
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
    let sentinel = Sentinel(Arc::clone(shared));
    let handle = thread::spawn(move || work(&sentinel.0));
    shared.threads.lock().unwrap().push(handle);
}

fn work(shared: &Shared) {
    loop {
        let job = {
            let mut state = shared.state.lock().unwrap();
            loop {
                if let Some(job) = state.jobs.pop_front() {
                    break job;
                }
                if state.closed {
                    return;
                }
                state = shared.changed.wait(state).unwrap();
            }
        };
        job();
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
    /// When `threads` is 0: nobody would ever run a job.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let shared = Arc::new(Shared::default());
        for _ in 0..threads {
            start(&shared);
        }
        Self { shared }
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        self.shared.state.lock().unwrap().jobs.push_back(job);
        self.shared.changed.notify_one();
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().closed = true;
        self.shared.changed.notify_all();
        // Taken out first: a sentinel may need this lock while we join.
        let threads = mem::take(&mut *self.shared.threads.lock().unwrap());
        for thread in threads {
            // Err: it panicked, and somebody else went on for it.
            let _ = thread.join();
        }
    }
}
