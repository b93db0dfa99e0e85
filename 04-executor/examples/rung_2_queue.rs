//! Rung 2: a channel as the run queue. A waker sends its task, and the executor polls what it receives.
//! It sleeps when there is nothing; but it polls as often as it is woken.
//!
//! `cargo run -p executor --example rung_2_queue`

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use async_channel::{Receiver, Sender};

// ANCHOR: executor
struct Task {
    /// None once it was ready: it must not be polled again, and there may be more of it in the queue.
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    queue: Sender<Arc<Task>>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let queue = self.queue.clone();
        // It fails when the executor is gone: then nothing is left to do.
        let _ = queue.try_send(self);
    }
}

fn spawn(queue: &Sender<Arc<Task>>, future: impl Future<Output = ()> + Send + 'static) {
    let future = Mutex::new(Some(Box::pin(future) as _));
    Waker::from(Arc::new(Task { future, queue: queue.clone() })).wake();
}

/// Polls what is in the queue, and sleeps while it is empty. Ends when no task is left that could put
/// one there.
fn run(queue: &Receiver<Arc<Task>>) {
    while let Ok(task) = queue.recv_blocking() {
        let waker = Waker::from(task.clone());
        let mut future = task.future.lock().expect("no poll has panicked");
        if let Some(running) = &mut *future
            && running.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(())
        {
            *future = None;
        }
    }
}
// ANCHOR_END: executor

fn main() {
    let (queue, ready) = async_channel::unbounded();
    let polls = Arc::new(AtomicU32::new(0));
    let counted = polls.clone();
    spawn(&queue, async move {
        // Woken a thousand times, and ready at the second poll.
        let mut first = true;
        std::future::poll_fn(|cx| {
            counted.fetch_add(1, Ordering::Relaxed);
            if !std::mem::take(&mut first) {
                return Poll::Ready(());
            }
            (0..1000).for_each(|_| cx.waker().wake_by_ref());
            println!("in the queue after one poll: {}", 1000);
            Poll::Pending
        })
        .await;
    });
    drop(queue);
    run(&ready);
    println!(
        "the future was polled {} times, the task was received 1001 times",
        polls.load(Ordering::Relaxed)
    );
}
