//! The queue is a channel, and so is the way back. All threads are started at once.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;

type Work = Box<dyn FnOnce() + Send>;

/// Up to so many threads on which work may block.
pub struct Pool {
    queue: Sender<Work>,
}

impl Pool {
    /// Starts `max` threads.
    pub fn new(max: usize) -> Self {
        let (queue, works) = channel();
        let works = Arc::new(Mutex::new(works));
        for _ in 0..max {
            let works = works.clone();
            thread::spawn(move || run(&works));
        }
        Self { queue }
    }

    /// Has a thread call `work`, and waits for what it returns.
    pub fn unblock<T, F>(&self, work: F) -> impl Future<Output = T> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        // Gone after the first poll: the threads end when the last one is.
        let mut first = Some((self.queue.clone(), work));
        let waker = Arc::new(Mutex::new(Waker::noop().clone()));
        let (sends, result) = channel();
        // A receiver is not Sync, and this future need not be.
        poll_fn(move |cx| {
            *waker.lock().unwrap_or_else(PoisonError::into_inner) = cx.waker().clone();
            if let Some((queue, work)) = first.take() {
                let (sends, waker) = (sends.clone(), waker.clone());
                let work = move || {
                    let _ = sends.send(catch_unwind(AssertUnwindSafe(work)));
                    let waker = waker.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    waker.wake();
                };
                let _ = queue.send(Box::new(work));
            }
            // After the waker was left: whoever sends later finds it.
            match result.try_recv() {
                Ok(Ok(value)) => Poll::Ready(value),
                Ok(Err(panic)) => resume_unwind(panic),
                Err(_) => Poll::Pending,
            }
        })
    }
}

fn run(works: &Mutex<Receiver<Work>>) {
    loop {
        let next = works.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        work();
    }
}
