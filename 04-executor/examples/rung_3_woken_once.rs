//! Rung 3: a state for each task, so that it is in the queue once, however often it is woken.
//!
//! `cargo run -p executor --example rung_3_woken_once`

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use async_channel::{Receiver, Sender};

// ANCHOR: task
struct Task {
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    /// Whether it is in the queue.
    queued: AtomicBool,
    queue: Sender<Arc<Task>>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        // Only the wake that sets the flag sends.
        if !self.queued.swap(true, Ordering::AcqRel) {
            let queue = self.queue.clone();
            let _ = queue.try_send(self);
        }
    }
}
// ANCHOR_END: task

// ANCHOR: run
/// Returns how often it received a task.
fn run(queue: &Receiver<Arc<Task>>) -> u32 {
    let mut received = 0;
    while let Ok(task) = queue.recv_blocking() {
        received += 1;
        let waker = Waker::from(task.clone());
        // Before the poll: a wake during the poll must send it again.
        task.queued.swap(false, Ordering::AcqRel);
        let mut future = task.future.lock().expect("no poll has panicked");
        if let Some(running) = &mut *future
            && running.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(())
        {
            *future = None;
        }
    }
    received
}
// ANCHOR_END: run

fn spawn(queue: &Sender<Arc<Task>>, future: impl Future<Output = ()> + Send + 'static) {
    let future = Mutex::new(Some(Box::pin(future) as _));
    let queued = AtomicBool::new(false);
    Waker::from(Arc::new(Task { future, queued, queue: queue.clone() })).wake();
}

fn main() {
    let (queue, ready) = async_channel::unbounded();
    let waiting = ready.clone();
    spawn(&queue, async move {
        // Woken a thousand times in its first poll, and ready at the second.
        let mut first = true;
        std::future::poll_fn(|cx| {
            if !std::mem::take(&mut first) {
                return Poll::Ready(());
            }
            (0..1000).for_each(|_| cx.waker().wake_by_ref());
            println!("in the queue after a thousand wakes: {}", waiting.len());
            Poll::Pending
        })
        .await;
    });
    drop(queue);
    println!("received {} times", run(&ready));
}
