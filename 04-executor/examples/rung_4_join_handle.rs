//! Rung 4: a task has a result, may be aborted, and may panic. All three end in its handle.
//!
//! `cargo run -p executor --example rung_4_join_handle`

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use async_channel::Sender;
use waker::WakerSlot;

// ANCHOR: task
struct Task<T> {
    future: Mutex<Option<Pin<Box<dyn Future<Output = T> + Send>>>>,
    result: Mutex<Option<Result<T, &'static str>>>,
    /// The task that awaits the handle.
    joiner: WakerSlot,
    queued: AtomicBool,
    aborted: AtomicBool,
    queue: Sender<Arc<dyn Run>>,
}

trait Run: Send + Sync {
    fn run(self: Arc<Self>);
}
// ANCHOR_END: task

// ANCHOR: run
impl<T: Send + 'static> Run for Task<T> {
    fn run(self: Arc<Self>) {
        let waker = Waker::from(self.clone());
        self.queued.swap(false, Ordering::AcqRel);
        let mut future = self.future.lock().expect("panics are caught below");
        let Some(running) = &mut *future else { return };
        let result = if self.aborted.load(Ordering::Acquire) {
            Err("aborted")
        } else {
            let mut cx = Context::from_waker(&waker);
            match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(&mut cx))) {
                Ok(Poll::Pending) => return,
                Ok(Poll::Ready(output)) => Ok(output),
                Err(_) => Err("panicked"),
            }
        };
        let ended = future.take();
        drop(future);
        // With no lock held: the future's drop is not our code, and may panic as well.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(ended))).map_err(|_| "panicked");
        *self.result.lock().expect("nothing panics under it") = Some(dropped.and(result));
        self.joiner.wake();
    }
}
// ANCHOR_END: run

impl<T: Send + 'static> Wake for Task<T> {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            let _ = self.queue.clone().try_send(self);
        }
    }
}

// ANCHOR: abort
struct JoinHandle<T>(Arc<Task<T>>);

impl<T: Send + 'static> JoinHandle<T> {
    /// Only asks: the executor drops the future, at a moment when it polls nothing.
    fn abort(&self) {
        self.0.aborted.store(true, Ordering::Release);
        self.0.clone().wake();
    }
}
// ANCHOR_END: abort

// ANCHOR: join
impl<T> Future for JoinHandle<T> {
    type Output = Result<T, &'static str>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // First the waker, then the look: the task may finish between the two.
        self.0.joiner.register(cx.waker());
        let result = self.0.result.lock().expect("nothing panics under it").take();
        result.map_or(Poll::Pending, Poll::Ready)
    }
}
// ANCHOR_END: join

fn spawn<T: Send + 'static>(
    queue: &Sender<Arc<dyn Run>>,
    future: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    let task = Arc::new(Task {
        future: Mutex::new(Some(Box::pin(future))),
        result: Mutex::new(None),
        joiner: WakerSlot::new(),
        queued: AtomicBool::new(false),
        aborted: AtomicBool::new(false),
        queue: queue.clone(),
    });
    task.clone().wake();
    JoinHandle(task)
}

// ANCHOR: main
fn main() {
    std::panic::set_hook(Box::new(|_| println!("a task panics")));
    let (queue, ready) = async_channel::unbounded();
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
    drop(queue);
    while let Ok(task) = ready.recv_blocking() {
        task.run();
    }
}
// ANCHOR_END: main
