//! A task that spawns while it is polled, with two executors that differ in one line.
//!
//! `cargo run -p executor --example spawn_inside`

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

type Task = Pin<Box<dyn Future<Output = ()>>>;
type Queue = Rc<RefCell<VecDeque<Task>>>;

fn spawn(queue: &Queue, future: impl Future<Output = ()> + 'static) {
    queue.borrow_mut().push_back(Box::pin(future));
}

// ANCHOR: borrows
fn run_while_borrowed(queue: &Queue) {
    while let Some(mut task) = queue.borrow_mut().pop_front() {
        let _ = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}
// ANCHOR_END: borrows

// ANCHOR: lets_go
fn run(queue: &Queue) {
    loop {
        let next = queue.borrow_mut().pop_front();
        let Some(mut task) = next else { return };
        let _ = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}
// ANCHOR_END: lets_go

fn main() {
    std::panic::set_hook(Box::new(|_| ()));
    for run in [run_while_borrowed, run] {
        // ANCHOR: spawns
        let queue = Queue::default();
        let inner = queue.clone();
        spawn(&queue, async move {
            println!("the first task spawns another");
            spawn(&inner, async { println!("the other runs") });
        });
        let ended = catch_unwind(AssertUnwindSafe(|| run(&queue)));
        println!("the executor has ended: {:?}", ended.map_err(|panic| panic.downcast::<String>()));
        // ANCHOR_END: spawns
    }
}
