//! Rung 4: a task has a result, may be aborted, and may panic. All three end in its handle.
//!
//! `cargo run -p executor --example rung_4_join_handle`

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

// ANCHOR: task
struct Task<T> {
    stage: Mutex<Stage<T>>,
    queued: AtomicBool,
    aborted: AtomicBool,
    queue: Arc<Queue>,
}

enum Stage<T> {
    /// The future, and the waker of the task that awaits the handle.
    Running(Pin<Box<dyn Future<Output = T> + Send>>, Option<Waker>),
    Finished(Result<T, &'static str>),
    Taken,
}

type Queue = Mutex<VecDeque<Arc<dyn Run>>>;

trait Run: Send + Sync {
    fn run(self: Arc<Self>);
}

impl<T: Send + 'static> Run for Task<T> {
    fn run(self: Arc<Self>) {
        let waker = Waker::from(self.clone());
        self.queued.swap(false, Ordering::AcqRel);
        let mut stage = self.stage.lock().expect("panics are caught below");
        let Stage::Running(future, joiner) = &mut *stage else { return };
        let result = if self.aborted.load(Ordering::Acquire) {
            Err("aborted")
        } else {
            let mut cx = Context::from_waker(&waker);
            match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut cx))) {
                Ok(Poll::Pending) => return,
                Ok(Poll::Ready(output)) => Ok(output),
                Err(_) => Err("panicked"),
            }
        };
        let joiner = joiner.take();
        *stage = Stage::Finished(result);
        drop(stage);
        joiner.into_iter().for_each(Waker::wake);
    }
}
// ANCHOR_END: task

impl<T: Send + 'static> Wake for Task<T> {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            let queue = self.queue.clone();
            queue.lock().expect("nothing panics under it").push_back(self);
        }
    }
}

// ANCHOR: handle
struct JoinHandle<T>(Arc<Task<T>>);

impl<T: Send + 'static> JoinHandle<T> {
    /// Only asks: the executor drops the future, at a moment when it polls nothing.
    fn abort(&self) {
        self.0.aborted.store(true, Ordering::Release);
        self.0.clone().wake();
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, &'static str>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut stage = self.0.stage.lock().expect("panics are caught");
        match std::mem::replace(&mut *stage, Stage::Taken) {
            Stage::Finished(result) => Poll::Ready(result),
            Stage::Running(future, _) => {
                *stage = Stage::Running(future, Some(cx.waker().clone()));
                Poll::Pending
            }
            Stage::Taken => panic!("a handle was polled after it was ready"),
        }
    }
}
// ANCHOR_END: handle

fn spawn<T: Send + 'static>(
    queue: &Arc<Queue>,
    future: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    let task = Arc::new(Task {
        stage: Mutex::new(Stage::Running(Box::pin(future), None)),
        queued: AtomicBool::new(false),
        aborted: AtomicBool::new(false),
        queue: queue.clone(),
    });
    task.clone().wake();
    JoinHandle(task)
}

fn main() {
    std::panic::set_hook(Box::new(|_| println!("a task panics")));
    let queue = Arc::new(Queue::default());
    let output = spawn(&queue, async { 6 * 7 });
    let panics = spawn(&queue, async { panic!("on purpose") });
    let waits = spawn(&queue, std::future::pending::<()>());
    waits.abort();
    drop(spawn(&queue, async { println!("a task whose handle is gone runs as well") }));
    spawn(&queue, async move {
        println!("{:?}", output.await);
        println!("{:?}", panics.await.map(|(): ()| ()));
        println!("{:?}", waits.await);
    });
    loop {
        let next = queue.lock().expect("nothing panics under it").pop_front();
        let Some(task) = next else { return };
        task.run();
    }
}
