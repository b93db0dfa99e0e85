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

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

// It works like that of `std::sync`, and the tests come between its operations.
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
    /// Whether it is in the queue.
    is_queued: AtomicBool,
}

impl RunQueue {
    /// Makes a task of `future`, and puts it into the queue.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let (future, queue) = (Mutex::new(Some(Box::pin(future) as _)), self.clone());
        self.push(Arc::new(Task { future, queue, is_queued: AtomicBool::new(true) }));
    }

    /// Polls the tasks in the queue until there is none.
    pub fn run_until_idle(&self) {
        while let Some(task) = self.pop() {
            // Before the poll: a wake during the poll must put it back.
            task.is_queued.swap(false, Ordering::AcqRel);
            let waker = Waker::from(task.clone());
            let mut future = task.future.lock().expect("no poll has panicked");
            // None: a wake came while it was ready, or after that.
            if let Some(running) = &mut *future
                && running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
            {
                *future = None;
            }
        }
    }

    fn push(&self, task: Arc<Task>) {
        self.tasks.lock().expect("nothing panics under this lock").push_back(task);
    }

    /// In a function of its own, so that the lock is free again when the task is polled.
    fn pop(&self) -> Option<Arc<Task>> {
        self.tasks.lock().expect("nothing panics under this lock").pop_front()
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        // Only the wake that sets the flag puts it into the queue.
        if !self.is_queued.swap(true, Ordering::AcqRel) {
            self.queue.clone().push(self);
        }
    }
}
