//! Threads for calls that block.
//!
//! A poll must not block: all tasks of its thread would wait. `pool.unblock(work)` is a future. A thread of
//! the pool calls `work`, and the future returns what `work` returns.
//! - Nothing begins before the first poll. From then on `work` is called and runs to its end, even if the
//!   future is dropped; what it returns is dropped then.
//! - At most `max` threads. Work waits in a queue only if all of them are busy. One that is free sleeps.
//! - If `work` panics, the future panics with the same payload (`resume_unwind`). It costs no thread.
//! - When the pool is dropped, the drop waits for nothing. What is in the queue is called all the same, and
//!   then the threads end.
//! - Code that is not yours never runs while you hold a lock: `work`, a wake, the drop of what `work`
//!   returned.
//!
//! Your task: `unblock`, what the threads do, and `drop`. All private types and fields are proposals. What
//! becomes of a future that is first polled after the pool was dropped is not judged.
//!
//! Read first: the book, "Files and blocking calls".
//! Check with `cargo workshop check unblock`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

// They work like those of `std::sync`, and the tests see when a lock is held.
use testkit::{WatchedCondvar as Condvar, WatchedGuard as MutexGuard, WatchedMutex as Mutex};

type Work = Box<dyn FnOnce() + Send>;

/// Threads on which work may block, up to a limit.
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// There is work, or the pool is gone.
    changed: Condvar,
    max: usize,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Work>,
    threads: usize,
    /// Whether the pool is gone.
    is_closed: bool,
}

/// What a thread leaves for the future, and the future for the thread.
struct Answer<T> {
    result: Option<thread::Result<T>>,
    waker: Option<Waker>,
}

impl Pool {
    /// Up to `max` threads, started now or when they are needed.
    pub fn new(max: usize) -> Self {
        let (state, changed) = (Mutex::default(), Condvar::new());
        Self { shared: Arc::new(Shared { state, changed, max }) }
    }

    /// Has a thread call `work`, and waits for what it returns.
    pub fn unblock<T, F>(&self, work: F) -> impl Future<Output = T> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let shared = self.shared.clone();
        async move { todo!("what does the thread get, and where does it leave the result?") }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // To do: which threads sleep, and would wait for ever?
    }
}
