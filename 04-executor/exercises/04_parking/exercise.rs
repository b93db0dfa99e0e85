//! A worker that sleeps while there is no task.
//!
//! `Handle::push` may be called on any thread, at any moment. `Worker::next_task` returns the tasks in the
//! order in which they came, and parks its thread while there is none. No task waits for a worker that
//! sleeps.
//! - An unpark costs a system call. A worker that is awake gets none, and one that has parked, or is
//!   about to, gets one, however many tasks come one after another.
//! - `park` is that of `std::thread`, scripted by the tests: it may return for no reason.
//! - When the worker is dropped, so are the tasks that are left, and those that come later. A task may
//!   hold a `Handle`, and push another when it is dropped: drop none while you hold the lock.
//!
//! The tests act as another thread, wherever that could have the lock. So keep the queue under the `Mutex`
//! that is imported here.
//!
//! Your task: `push`, `next_task` and `drop`. A state of `AWAKE` or `PARKED` says whether to unpark.
//!
//! Read first: the book, "Going to sleep".
//! Check with `cargo workshop check parking`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError};

// They work like those of `std::thread` and `std::sync`, and the tests see what is done with them.
use testkit::parking::{Thread, current, park};
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// The worker of the calling thread, and what gives it tasks.
pub fn worker<T>() -> (Worker<T>, Handle<T>) {
    let queue = Mutex::new(Queue { tasks: VecDeque::new(), has_ended: false });
    let shared = Arc::new(Shared { thread: current(), state: AtomicU8::new(AWAKE), queue });
    (Worker { shared: shared.clone() }, Handle { shared })
}

/// Takes the tasks, always on the thread that has made it.
pub struct Worker<T> {
    shared: Arc<Shared<T>>,
}

/// Gives tasks to the worker. Its clones give them to the same one.
pub struct Handle<T> {
    shared: Arc<Shared<T>>,
}

const AWAKE: u8 = 0;
/// The worker has parked, or is about to: it is to be unparked.
const PARKED: u8 = 1;

struct Shared<T> {
    /// The worker's.
    thread: Thread,
    state: AtomicU8,
    queue: Mutex<Queue<T>>,
}

struct Queue<T> {
    tasks: VecDeque<T>,
    /// Whether the worker is gone.
    has_ended: bool,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        // Also after a panic: `drop` comes here while a panic unwinds, and must not panic as well.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<T> Handle<T> {
    /// Gives the worker a task, and ends its sleep. If the worker is gone, the task is dropped.
    pub fn push(&self, task: T) {
        todo!("what must an unparked worker find? and is this one parked?")
    }
}

impl<T> Worker<T> {
    /// The next task. The thread sleeps while there is none.
    pub fn next_task(&mut self) -> T {
        todo!("is there a task? if not: from when on must a push unpark this thread?")
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        // To do: which tasks would otherwise be kept, although they will never run?
    }
}
