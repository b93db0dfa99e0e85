//! Rung 5: tasks that are not `Send`. The futures stay in a table of this thread, and what wakers
//! carry from thread to thread is a number.
//!
//! `cargo run -p executor --example rung_5_not_send`

use std::cell::Cell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use waker::event::Event;

// ANCHOR: executor
struct Executor {
    /// Of this thread. No `Send` is asked for.
    tasks: BTreeMap<usize, Pin<Box<dyn Future<Output = ()>>>>,
    ready: mpsc::Receiver<usize>,
    wakes: mpsc::Sender<usize>,
}

/// Send and Sync, as a waker must be: a number, and where to send it.
struct TaskNumber(usize, mpsc::Sender<usize>);

impl Wake for TaskNumber {
    fn wake(self: Arc<Self>) {
        // It fails when the executor is gone.
        let _ = self.1.send(self.0);
    }
}

impl Executor {
    fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        let number = self.tasks.len();
        self.tasks.insert(number, Box::pin(future));
        self.wakes.send(number).expect("we have the receiver");
    }

    fn run(&mut self) {
        while !self.tasks.is_empty() {
            let number = self.ready.recv().expect("we have a sender");
            // A task that has ended may be woken still.
            let Some(task) = self.tasks.get_mut(&number) else { continue };
            let waker = Waker::from(Arc::new(TaskNumber(number, self.wakes.clone())));
            if task.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(()) {
                self.tasks.remove(&number);
            }
        }
    }
}
// ANCHOR_END: executor

fn main() {
    let (wakes, ready) = mpsc::channel();
    let mut executor = Executor { tasks: BTreeMap::new(), ready, wakes };
    // An Rc that two tasks share, without a lock.
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
