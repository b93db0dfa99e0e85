//! Tasks under many orders of what can happen to them: spawned, woken, polled, aborted, awaited, detached.
//!
//! `OPERATIONS=10000000 cargo test --release -p executor --lib seeded -- --nocapture` runs as many
//! as you like.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::task::{Poll, Waker};

use testkit::{CountingWaker, Ledger, Random, ShuffledQueue, poll_once, seeds};
use tracing::Span;

use crate::JoinHandle;
use crate::task::{Home, Run, Task};

/// How many things happen in one run.
const IN_A_RUN: u64 = 200;

/// Tasks that can be polled, in no order.
#[derive(Clone, Default)]
struct Queue(Arc<ShuffledQueue<Arc<dyn Run>>>);

impl Home for Queue {
    fn schedule<F: Future + 'static>(task: Arc<Task<F, Self>>) {
        let queue = task.home().0.clone();
        queue.push(task);
    }

    fn finished(&self) {}

    fn span(&self) -> &Span {
        static NONE: Span = Span::none();
        &NONE
    }
}

/// What the test knows of a task.
struct Known {
    /// What its future waits for.
    done: Arc<AtomicBool>,
    waker: Waker,
    handle: Option<JoinHandle<u64>>,
    task: Weak<dyn Run>,
    aborted: bool,
}

/// A task whose output is `number`, when it is woken after `done`. Now and then it wakes itself.
fn spawn(queue: &Queue, ledger: &Arc<Ledger>, number: u64) -> Known {
    let done = Arc::new(AtomicBool::new(false));
    let waits = done.clone();
    let mut polls = number;
    let future = poll_fn(move |cx| {
        polls += 1;
        if polls.is_multiple_of(5) {
            cx.waker().wake_by_ref();
        }
        if waits.load(SeqCst) { Poll::Ready(number) } else { Poll::Pending }
    });
    let task = Task::new(ledger.track(future), queue.clone());
    let known = Known {
        done,
        waker: Waker::from(task.clone()),
        handle: Some(JoinHandle::new(task.clone())),
        task: Arc::downgrade(&(task.clone() as Arc<dyn Run>)),
        aborted: false,
    };
    Queue::schedule(task);
    known
}

fn run(random: &mut Random) {
    let (queue, ledger) = (Queue::default(), Ledger::new());
    let mut tasks: Vec<Known> = Vec::new();
    let (joiner, joiner_waker) = CountingWaker::new();
    for number in 0..IN_A_RUN {
        let operation = random.below(10);
        if operation == 0 || tasks.is_empty() {
            tasks.push(spawn(&queue, &ledger, number));
            continue;
        }
        let index = random.below(tasks.len());
        let task = &mut tasks[index];
        match operation {
            1 => task.done.store(true, SeqCst),
            2 => task.waker.wake_by_ref(),
            3 => {
                task.done.store(true, SeqCst);
                task.waker.wake_by_ref();
            }
            4 if random.below(4) == 0 => {
                if let Some(handle) = &task.handle {
                    handle.abort();
                    task.aborted = true;
                }
            }
            5 if random.below(4) == 0 => task.handle = None,
            6 => {
                if let Some(handle) = task.handle.as_mut().filter(|handle| !handle.is_finished()) {
                    assert!(poll_once(handle, &joiner_waker).is_pending());
                }
            }
            _ => {
                if let Some(task) = queue.0.take(random) {
                    task.run();
                }
            }
        }
        assert!(queue.0.len() <= tasks.len(), "a task is in the queue twice");
    }
    // The end: what all of them wait for happens, and each is woken.
    for task in &tasks {
        task.done.store(true, SeqCst);
        task.waker.wake_by_ref();
    }
    while let Some(task) = queue.0.take(random) {
        task.run();
    }
    assert_eq!(ledger.live(), 0, "a task was lost: it was woken, and not polled");
    for task in &mut tasks {
        if let Some(handle) = &mut task.handle {
            let Poll::Ready(result) = poll_once(handle, &joiner_waker) else {
                panic!("a task has ended and has no result");
            };
            assert!(result.is_ok() || task.aborted, "a task that was not aborted has no output");
        }
    }
    let weak: Vec<_> = tasks.iter().map(|known| known.task.clone()).collect();
    drop(tasks);
    assert!(weak.iter().all(|task| task.strong_count() == 0), "a task has leaked");
    drop(joiner_waker);
    assert_eq!(joiner.live(), 0, "a joiner's waker has leaked");
}

#[test]
fn no_order_of_operations_loses_a_task_or_leaks_one() {
    let operations = std::env::var("OPERATIONS").ok().map(|number| number.parse());
    let operations = operations.unwrap_or(Ok(100_000)).expect("OPERATIONS is a number");
    seeds(operations / IN_A_RUN, run);
    println!("{operations} operations: no task lost, none polled twice, none leaked");
}
