//! M63 · fails: no_thread_is_lost_while_jobs_come_and_go

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

struct Inner {
    queue: VecDeque<Job>,
    closed: bool,
}

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    shared: Arc<(Mutex<Inner>, Condvar)>,
    handles: Vec<JoinHandle<()>>,
}

/// The next job. None: the pool is closed, and its queue is empty.
fn next(shared: &(Mutex<Inner>, Condvar)) -> Option<Job> {
    let (lock, bell) = shared;
    let mut inner = lock.lock().unwrap();
    if inner.queue.is_empty() && !inner.closed {
        // Rung once per job, or for the end.
        inner = bell.wait(inner).unwrap();
    }
    inner.queue.pop_front()
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: nobody would ever run a job.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        let inner = Inner { queue: VecDeque::new(), closed: false };
        let shared = Arc::new((Mutex::new(inner), Condvar::new()));
        let mut handles = vec![];
        for _ in 0..threads {
            let shared = Arc::clone(&shared);
            handles.push(thread::spawn(move || {
                while let Some(job) = next(&shared) {
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            }));
        }
        ThreadPool { shared, handles }
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        let (lock, bell) = &*self.shared;
        lock.lock().unwrap().queue.push_back(job);
        bell.notify_one();
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        let (lock, bell) = &*self.shared;
        lock.lock().unwrap().closed = true;
        bell.notify_all();
        for handle in self.handles.drain(..) {
            handle.join().unwrap();
        }
    }
}
