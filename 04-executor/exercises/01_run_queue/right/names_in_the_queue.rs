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

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Wake};

/// Tasks that can be polled. Its clones are the same queue.
#[derive(Clone, Default)]
pub struct RunQueue {
    shared: Arc<Mutex<Shared>>,
}

type Id = u64;

#[derive(Default)]
struct Shared {
    next: Id,
    /// Those that are not ready, without the one that is polled now.
    futures: HashMap<Id, Pin<Box<dyn Future<Output = ()> + Send>>>,
    queue: VecDeque<Id>,
}

impl RunQueue {
    /// Makes a task of `future`, and puts it into the queue.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let mut shared = self.lock();
        let id = shared.next;
        shared.next += 1;
        shared.futures.insert(id, Box::pin(future));
        shared.queue.push_back(id);
    }

    /// Polls the tasks in the queue until there is none.
    pub fn run_until_idle(&self) {
        loop {
            let (id, future) = {
                let mut shared = self.lock();
                let Some(id) = shared.queue.pop_front() else { return };
                (id, shared.futures.remove(&id))
            };
            // None: it was woken after it was ready.
            let Some(mut future) = future else { continue };
            let waker = Arc::new(Task { id, queue: self.clone() }).into();
            if future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                self.lock().futures.insert(id, future);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().expect("nothing panics under this lock")
    }
}

/// What a waker knows: a name, and where to put it.
struct Task {
    id: Id,
    queue: RunQueue,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let mut shared = self.queue.lock();
        // A search, which is slow when many tasks wait.
        if !shared.queue.contains(&self.id) {
            shared.queue.push_back(self.id);
        }
    }
}
