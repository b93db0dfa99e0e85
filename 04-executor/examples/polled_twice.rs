//! The flag of rung 3, and two threads: a task is taken out of the queue in the middle of its poll.
//!
//! `cargo run -p executor --example polled_twice`

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use async_channel::{Receiver, Sender};

struct Task {
    future: Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>,
    queued: AtomicBool,
    queue: Sender<Arc<Task>>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            let _ = self.queue.clone().try_send(self);
        }
    }
}

// ANCHOR: work
/// Run by each of the two threads.
fn work(queue: &Receiver<Arc<Task>>, both: &Barrier) {
    let task = queue.recv_blocking().expect("a task for each of the two");
    let waker = Waker::from(task.clone());
    task.queued.swap(false, Ordering::AcqRel);
    if let Ok(mut future) = task.future.try_lock() {
        println!("a thread polls the task");
        let _ = future.as_mut().poll(&mut Context::from_waker(&waker));
        println!("its poll returns");
    } else {
        println!("another thread takes the task, in the middle of the poll");
        both.wait();
    }
}
// ANCHOR_END: work

fn main() {
    let (queue, ready) = async_channel::unbounded();
    let both = Arc::new(Barrier::new(2));
    let other = both.clone();
    // ANCHOR: future
    let future = std::future::poll_fn(move |cx: &mut Context<'_>| {
        cx.waker().wake_by_ref();
        // This poll lasts until the other thread polls the task as well.
        other.wait();
        Poll::Pending
    });
    // ANCHOR_END: future
    let future = Mutex::new(Box::pin(future) as _);
    Waker::from(Arc::new(Task { future, queued: AtomicBool::new(false), queue })).wake();
    thread::scope(|scope| {
        (0..2).for_each(|_| drop(scope.spawn(|| work(&ready, &both))));
    });
}
