//! The heart of an executor: a queue of tasks, and a loop that polls them.
//!
//! `spawn` makes a task of a future and puts it into the queue. `run_until_idle` takes out one task
//! after another, polls each once, and returns when the queue is empty. It never sleeps.
//! - After that, a task is polled only if it was woken. A wake puts it into the queue, behind the tasks
//!   that are there; it does nothing if the task is there already. A thousand wakes are one poll.
//! - A task that is woken during its own poll is polled once more, after the tasks that wait.
//! - A future that is ready is dropped, and not polled again. Its wakers may be called even then.
//! - Wakers are called on any thread, and on two threads at the same moment; a future calls them, and
//!   spawns, in the middle of its poll.
//!
//! Use `AcqRel` for the ordering of a `swap`: the tests cannot see a weaker one, the page says what it breaks.
//!
//! Your task: `spawn`, `run_until_idle` and `wake`. `Task` needs one field more; change what you like.
//!
//! Read first: the book, "A run queue".
//! Check with `cargo workshop check run_queue`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

// It works like that of `std::sync`, and the tests act as other threads between its operations.
use testkit::WatchedAtomicBool as AtomicBool;

/// Tasks that can be polled. Its clones are the same queue.
#[derive(Clone, Default)]
pub struct RunQueue {
    tasks: Arc<Mutex<VecDeque<Arc<Task>>>>,
}

/// A future, and where it goes when it is woken.
struct Task {
    /// None once it was ready.
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    queue: RunQueue,
    // What tells a wake that the task is in the queue already?
}

impl RunQueue {
    /// Makes a task of `future`, and puts it into the queue.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        todo!("a new task is in the queue from the beginning")
    }

    /// Polls the tasks in the queue until there is none.
    pub fn run_until_idle(&self) {
        todo!("take a task out, and poll it: what may its future do meanwhile?")
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        todo!("is the task in the queue? may it be in the middle of its poll?")
    }
}
