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

/// What a pool runs.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// A fixed number of threads that run jobs.
pub struct ThreadPool {
    // What do the threads share with `execute`? How do they learn that no more jobs will come?
}

impl ThreadPool {
    /// A pool of `threads` threads, all started here.
    ///
    /// # Panics
    /// When `threads` is 0: no job would ever run.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "a pool without threads runs nothing");
        todo!("start the threads; what does each of them do, and until when?")
    }

    /// Puts a job into the queue, and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        todo!("queue the job, and let one sleeping thread know")
    }
}

impl Drop for ThreadPool {
    /// Waits until every queued job has run and every thread has ended.
    fn drop(&mut self) {
        todo!("say that no more jobs will come, and wait for the threads")
    }
}
