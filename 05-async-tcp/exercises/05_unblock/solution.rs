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
//! - Code of others never runs while you hold a lock: `work`, a wake, the drop of what `work` returned.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

// They work like those of `std::sync`, and the tests see when a lock is held.
use testkit::{WatchedCondvar as Condvar, WatchedGuard as MutexGuard, WatchedMutex as Mutex};

type Work = Box<dyn FnOnce() + Send>;

/// Up to so many threads on which work may block.
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
    /// How many of the threads wait for work. Those that were notified and still sleep are among them,
    /// and their work is in the queue.
    idle: usize,
    /// Whether the pool is gone.
    is_closed: bool,
}

impl Pool {
    /// Up to `max` threads, each started when work finds no idle one.
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
        async move {
            let slot = Arc::new(Slot::default());
            let sender = slot.clone();
            shared.submit(Box::new(move || sender.send(catch_unwind(AssertUnwindSafe(work)))));
            match poll_fn(|cx| slot.poll(cx)).await {
                Ok(value) => value,
                Err(panic) => resume_unwind(panic),
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn submit(self: Arc<Self>, work: Work) {
        let mut state = self.lock();
        state.queue.push_back(work);
        if state.queue.len() <= state.idle {
            self.changed.notify_one();
        } else if state.threads < self.max {
            state.threads += 1;
            drop(state);
            thread::spawn(move || self.run());
        }
    }

    /// What a thread does.
    fn run(&self) {
        while let Some(work) = self.next() {
            // Panics of the work are in its answer. What is left are those of a drop or a wake.
            let _ = catch_unwind(AssertUnwindSafe(work));
        }
    }

    /// The next work. None: the thread is to end.
    fn next(&self) -> Option<Work> {
        let mut state = self.lock();
        loop {
            if let Some(work) = state.queue.pop_front() {
                return Some(work);
            }
            if state.is_closed {
                state.threads -= 1;
                return None;
            }
            state.idle += 1;
            state = self.changed.wait(state).expect("as in lock");
            state.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("pool lock: nothing that panics runs while it is held")
    }
}

/// Where the thread leaves the result, and the future its waker.
struct Slot<T>(Mutex<Answer<T>>);

struct Answer<T> {
    result: Option<thread::Result<T>>,
    waker: Option<Waker>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Mutex::new(Answer { result: None, waker: None }))
    }
}

impl<T> Slot<T> {
    /// Leaves the result, and wakes the task.
    fn send(&self, result: thread::Result<T>) {
        let mut answer = self.lock();
        answer.result = Some(result);
        let waker = answer.waker.take();
        drop(answer);
        waker.into_iter().for_each(Waker::wake);
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<thread::Result<T>> {
        let waker = cx.waker().clone();
        let mut answer = self.lock();
        if let Some(result) = answer.result.take() {
            return Poll::Ready(result);
        }
        let old = answer.waker.replace(waker);
        drop(answer);
        drop(old);
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Answer<T>> {
        self.0.lock().expect("slot lock: nothing that panics runs while it is held")
    }
}
