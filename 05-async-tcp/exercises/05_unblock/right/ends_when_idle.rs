//! No thread waits for work: one that finds none ends. So nothing is to be done when the pool is dropped.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use futures::channel::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// Up to so many threads on which work may block.
pub struct Pool(Arc<Shared>);

struct Shared {
    max: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Work>,
    threads: usize,
}

impl Pool {
    /// Up to `max` threads, and none while there is no work.
    pub fn new(max: usize) -> Self {
        Self(Arc::new(Shared { max, state: Mutex::default() }))
    }

    /// Has a thread call `work`, and waits for what it returns.
    pub fn unblock<T, F>(&self, work: F) -> impl Future<Output = T> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let shared = self.0.clone();
        async move {
            let (sender, result) = oneshot::channel();
            shared.submit(Box::new(move || {
                // If the future is gone, the result comes back, and is dropped.
                let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
            }));
            match result.await.expect("the work sends what it returns") {
                Ok(value) => value,
                Err(panic) => resume_unwind(panic),
            }
        }
    }
}

impl Shared {
    fn submit(self: Arc<Self>, work: Work) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.queue.push_back(work);
            if state.threads == self.max {
                return;
            }
            state.threads += 1;
        }
        thread::spawn(move || while self.run_one() {});
    }

    fn run_one(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(work) = state.queue.pop_front() else {
            state.threads -= 1;
            return false;
        };
        drop(state);
        work();
        true
    }
}
