//! Rung 2: a channel as the run queue. A waker sends its task, and the executor polls what it receives.
//! It sleeps when the channel is empty, but it polls a task as often as the task is woken.
//!
//! `cargo run -p executor --example rung_2_queue`

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use async_channel::{Receiver, Sender};

// ANCHOR: task
struct Task {
    /// None once it was ready. It must not be polled again, and may be in the queue more than once.
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    queue: Sender<Arc<Task>>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let queue = self.queue.clone();
        // This fails when the executor is gone. Then there is nothing left to do.
        let _ = queue.try_send(self);
    }
}
// ANCHOR_END: task

fn spawn(queue: &Sender<Arc<Task>>, future: impl Future<Output = ()> + Send + 'static) {
    let future = Mutex::new(Some(Box::pin(future) as _));
    Waker::from(Arc::new(Task { future, queue: queue.clone() })).wake();
}

// ANCHOR: run
/// Polls the tasks in the queue, and sleeps while it is empty. Ends when all tasks are gone, and with
/// them all senders. Returns how often it received a task.
fn run(queue: &Receiver<Arc<Task>>) -> u32 {
    let mut received = 0;
    while let Ok(task) = queue.recv_blocking() {
        received += 1;
        let waker = Waker::from(task.clone());
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
