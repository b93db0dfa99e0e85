//! Whole executors under operations that nobody has put in order: no task lost, none left, none polled by
//! two threads.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::collections::HashMap;
use std::sync::Arc;

use executor::{Executor, JoinHandle, yield_now};
use testkit::{Ledger, Random, deadlock_watch, seeds};
use waker::event::Event;

/// Spawns, wakes, aborts and detaches from outside, while the executor's threads run what there is.
fn operate(threads: usize, random: &mut Random) {
    let (executor, ledger) = (Executor::builder().threads(threads).build(), Ledger::new());
    let mut tasks: HashMap<usize, (Arc<Event>, JoinHandle<usize>)> = HashMap::new();
    let mut kept = Vec::new();
    for number in 0..200 {
        match random.below(8) {
            0..4 => {
                let event = Event::new();
                let (waits, yields) = (event.clone(), random.below(3));
                let task = executor.spawn(ledger.track(async move {
                    waits.wait().await;
                    for _ in 0..yields {
                        yield_now().await;
                    }
                    number
                }));
                tasks.insert(number, (event, task));
            }
            // Runs tasks on this thread, and then leaves them to the others.
            7 => executor.block_on(async {
                for _ in 0..random.below(4) {
                    yield_now().await;
                }
            }),
            operation => {
                let Some(key) = tasks.keys().next().copied() else { continue };
                let (event, task) = tasks.remove(&key).unwrap();
                match operation {
                    4 => {
                        event.set();
                        kept.push((key, task));
                    }
                    5 => {
                        event.set();
                        task.abort();
                        drop(task);
                    }
                    _ => {
                        drop(task);
                        event.set();
                    }
                }
            }
        }
    }
    executor.block_on(async {
        for (number, task) in kept {
            assert_eq!(task.await.unwrap(), number);
        }
    });
    executor.shutdown();
    assert_eq!(ledger.live(), 0, "a shutdown has left futures behind");
    for (_, task) in tasks.into_values() {
        assert!(executor::block_on(task).unwrap_err().is_aborted());
    }
}

#[test]
fn one_thread_or_three_lose_nothing() {
    // The only test of its file: the watch looks at all threads of the process.
    let _guard = deadlock_watch(|| "a task was woken, and no thread has polled it");
    for threads in [1, 3] {
        seeds(100, |random| operate(threads, random));
    }
}
