//! Rung 5: tasks that are not `Send`. The futures stay in a table of this thread, and wakers carry
//! only a number from thread to thread.
//!
//! `cargo run -p executor --example rung_5_not_send`

use std::cell::Cell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use waker::event::Event;

// ANCHOR: executor
/// It leaves out results, aborts, and spawning from a task: `run` has borrowed the table meanwhile.
struct Executor {
    /// They stay on this thread, and so need not be `Send`.
    tasks: BTreeMap<u64, Task>,
    /// The number of the next task. No number is used twice: an old waker must not wake another task.
    next: u64,
    ready: mpsc::Receiver<u64>,
    wakes: mpsc::Sender<u64>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    number: Arc<TaskNumber>,
}

/// Send and Sync, as a waker must be: a number, and the channel to send it through.
struct TaskNumber {
    number: u64,
    /// Whether it is in the queue.
    queued: AtomicBool,
    queue: mpsc::Sender<u64>,
}
// ANCHOR_END: executor

// ANCHOR: wake
impl Wake for TaskNumber {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            // This fails when the executor is gone.
            let _ = self.queue.send(self.number);
        }
    }
}
// ANCHOR_END: wake

// ANCHOR: run
impl Executor {
    fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        let number = self.next;
        self.next += 1;
        let (queued, queue) = (AtomicBool::new(false), self.wakes.clone());
        let task_number = Arc::new(TaskNumber { number, queued, queue });
        let task = Task { future: Box::pin(future), number: task_number.clone() };
        self.tasks.insert(number, task);
        task_number.wake();
    }

    fn run(&mut self) {
        while !self.tasks.is_empty() {
            let number = self.ready.recv().expect("we have a sender");
            // A task that has ended may still be woken.
            let Some(task) = self.tasks.get_mut(&number) else { continue };
            // Before the poll: a wake during the poll must send it again.
            task.number.queued.swap(false, Ordering::AcqRel);
            let waker = Waker::from(task.number.clone());
            if task.future.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(()) {
                self.tasks.remove(&number);
            }
        }
    }
}
// ANCHOR_END: run

fn main() {
    let (wakes, ready) = mpsc::channel();
    let mut executor = Executor { tasks: BTreeMap::new(), next: 0, ready, wakes };
    // Two tasks share an Rc, without a lock.
    let count = Rc::new(Cell::new(0));
    let event = Event::new();
    let (waits, seen) = (event.wait(), count.clone());
    executor.spawn(async move {
        waits.await;
        println!("woken by another thread, the count is {}", seen.get());
    });
    let counted = count.clone();
    executor.spawn(async move {
        counted.set(counted.get() + 1);
        thread::spawn(move || event.set());
    });
    executor.run();
    println!("both tasks have ended, {} owner of the Rc is left", Rc::strong_count(&count));
}
