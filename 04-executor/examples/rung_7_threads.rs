//! Rung 7: several threads take from one queue. A task must not be polled by two of them at once, and
//! a thread that finds none sleeps.
//!
//! `cargo run -p executor --example rung_7_threads`

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use executor::state::State;
use waker::yield_now::yield_now;

// ANCHOR: task
struct Task {
    /// None once it was ready. The lock is never contended: the state lets one thread in at a time.
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    state: State,
    executor: Arc<Executor>,
}

#[derive(Default)]
struct Executor {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    ready: VecDeque<Arc<Task>>,
    /// How many tasks have not ended.
    running: usize,
}
// ANCHOR_END: task

// ANCHOR: work
impl Executor {
    fn push(&self, task: Arc<Task>) {
        self.queue.lock().expect("queue lock").ready.push_back(task);
        self.changed.notify_one();
    }

    /// Run by each thread.
    fn work(&self) {
        loop {
            let task = {
                let queue = self.queue.lock().expect("queue lock");
                let is_idle = |queue: &mut Queue| queue.ready.is_empty() && queue.running > 0;
                let mut queue = self.changed.wait_while(queue, is_idle).expect("queue lock");
                match queue.ready.pop_front() {
                    Some(task) => task,
                    None => return,
                }
            };
            self.run(task);
        }
    }

    // ANCHOR_END: work

    // ANCHOR: run
    fn run(&self, task: Arc<Task>) {
        let waker = Waker::from(task.clone());
        assert!(task.state.start(), "nothing is aborted here");
        let mut future = task.future.try_lock().expect("no other thread polls it");
        let running = future.as_mut().expect("a task that is done is not queued again");
        let poll = running.as_mut().poll(&mut Context::from_waker(&waker));
        if poll == Poll::Ready(()) {
            // Dropped now, and not with the task's last waker.
            *future = None;
        }
        drop(future);
        match poll {
            Poll::Pending if task.state.pause() => self.push(task),
            Poll::Pending => {}
            Poll::Ready(()) => {
                let _ = task.state.finish();
                self.queue.lock().expect("queue lock").running -= 1;
                self.changed.notify_all();
            }
        }
    }
    // ANCHOR_END: run
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if self.state.wake() {
            let executor = self.executor.clone();
            executor.push(self);
        }
    }
}

fn main() {
    let executor = Arc::new(Executor::default());
    let polls = Arc::new(AtomicU32::new(0));
    for _ in 0..100 {
        let polls = polls.clone();
        let future = Box::pin(async move {
            for _ in 0..100 {
                polls.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
        });
        let future = Mutex::new(Some(future as _));
        let task = Task { future, state: State::scheduled(), executor: executor.clone() };
        executor.queue.lock().expect("queue lock").running += 1;
        executor.push(Arc::new(task));
    }
    thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(|| executor.work())));
    });
    println!("100 tasks, 100 turns each, on 4 threads: {} turns", polls.load(Ordering::Relaxed));
}
