//! What a task costs: counted, not timed.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::future::pending;

use allocation_counter::{AllocationInfo, measure};
use executor::{Executor, spawn, yield_now};
use waker::event::Event;

/// What `work` allocates at its second run: at its first, queues grow.
fn warm(mut work: impl FnMut()) -> AllocationInfo {
    work();
    measure(work)
}

#[test]
fn a_spawn_is_one_allocation() {
    Executor::new().block_on(async {
        let mut handles = Vec::with_capacity(100);
        let mut spawns = || handles.extend((0..100).map(|n| spawn(async move { n })));
        assert_eq!(measure(&mut spawns).count_total / 100, 1, "and what the queues grow by");
        for (n, handle) in handles.drain(..).enumerate() {
            assert_eq!(handle.await.unwrap(), n % 100);
        }
        // Queue and register have room now.
        assert_eq!(
            measure(|| handles.extend((0..100).map(|n| spawn(async move { n })))).count_total,
            100
        );
    });
}

#[test]
fn a_wake_and_a_poll_allocate_nothing() {
    let executor = Executor::new();
    executor.block_on(async {
        let task = spawn(async {
            loop {
                yield_now().await;
            }
        });
        // The future that measures is polled in turn with the task.
        for _ in 0..10 {
            yield_now().await;
        }
        let event = Event::new();
        let waits = spawn({
            let event = event.clone();
            async move { event.wait().await }
        });
        yield_now().await;
        assert_eq!(measure(|| event.set()).count_total, 0);
        waits.await.unwrap();
        task.abort();
    });
    let polls = warm(|| {
        executor.block_on(async {
            let task = spawn(async {
                for _ in 0..1000 {
                    yield_now().await;
                }
            });
            task.await.unwrap();
        });
    });
    assert!(polls.count_total < 20, "1,000 polls, and what a block_on and a spawn take: {polls:?}");
}

#[test]
fn an_idle_task_is_its_future_and_less_than_200_bytes() {
    let executor = Executor::new();
    executor.block_on(async {
        let mut handles = Vec::with_capacity(10_000);
        let future = || async {
            let kept = [1_u8; 100];
            pending::<()>().await;
            std::hint::black_box(&kept);
        };
        let size = size_of_val(&future()) as i64;
        let spawned = measure(|| handles.extend((0..10_000).map(|_| spawn(future()))));
        let bytes = spawned.bytes_current / 10_000;
        println!("an idle task: {bytes} bytes, of which {size} are its future");
        assert!(bytes < size + 200, "{bytes} bytes for a future of {size}");
    });
}
