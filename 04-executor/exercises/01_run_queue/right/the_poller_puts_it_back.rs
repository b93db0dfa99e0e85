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

use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake};

/// Tasks that can be polled. Its clones are the same queue.
#[derive(Clone, Default)]
pub struct RunQueue {
    woken: Arc<Mutex<Vec<Arc<Task>>>>,
}

type Future = Pin<Box<dyn std::future::Future<Output = ()> + Send>>;

/// A future, and where it goes when it is woken.
struct Task {
    stage: Mutex<Stage>,
    queue: RunQueue,
}

/// Where the task is.
enum Stage {
    Waits(Future),
    Queued(Future),
    IsPolled { woken: bool },
    Over,
}

impl RunQueue {
    /// Makes a task of `future`, and puts it into the queue.
    pub fn spawn(&self, future: impl std::future::Future<Output = ()> + Send + 'static) {
        let stage = Mutex::new(Stage::Queued(Box::pin(future)));
        self.push(Arc::new(Task { stage, queue: self.clone() }));
    }

    /// Polls the tasks in the queue until there is none.
    pub fn run_until_idle(&self) {
        loop {
            // In rounds: what is woken meanwhile comes into the next one.
            let round = mem::take(&mut *self.woken.lock().expect("nothing panics under this lock"));
            if round.is_empty() {
                return;
            }
            round.into_iter().for_each(Task::run);
        }
    }

    fn push(&self, task: Arc<Task>) {
        self.woken.lock().expect("nothing panics under this lock").push(task);
    }
}

impl Task {
    fn run(self: Arc<Self>) {
        let Stage::Queued(mut future) = self.replace(Stage::IsPolled { woken: false }) else {
            unreachable!("only what is queued is in the queue")
        };
        match future.as_mut().poll(&mut Context::from_waker(&self.clone().into())) {
            Poll::Ready(()) => drop(self.replace(Stage::Over)),
            Poll::Pending => {
                let mut stage = self.stage.lock().expect("nothing panics under this lock");
                if matches!(*stage, Stage::IsPolled { woken: true }) {
                    *stage = Stage::Queued(future);
                    drop(stage);
                    self.queue.clone().push(self);
                } else {
                    *stage = Stage::Waits(future);
                }
            }
        }
    }

    fn replace(&self, stage: Stage) -> Stage {
        mem::replace(&mut self.stage.lock().expect("nothing panics under this lock"), stage)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let mut stage = self.stage.lock().expect("nothing panics under this lock");
        *stage = match mem::replace(&mut *stage, Stage::Over) {
            Stage::Waits(future) => {
                self.queue.push(self.clone());
                Stage::Queued(future)
            }
            Stage::IsPolled { .. } => Stage::IsPolled { woken: true },
            stage => stage,
        };
    }
}
