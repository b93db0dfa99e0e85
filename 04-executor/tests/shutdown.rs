//! What a shutdown ends, and what it leaves behind: nothing.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::future::pending;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};

use executor::{Executor, spawn, yield_now};
use waker::event::Event;

struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn two_panics_at_the_end_of_a_task_stop_no_shutdown() {
    #[derive(Debug)]
    struct Output;
    impl Drop for Output {
        fn drop(&mut self) {
            panic!("on purpose: the output");
        }
    }
    struct Ends;
    impl Future for Ends {
        type Output = Output;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Output> {
            Poll::Ready(Output)
        }
    }
    impl Drop for Ends {
        fn drop(&mut self) {
            panic!("on purpose: the future");
        }
    }
    let executor = Executor::new();
    let task = executor.spawn(Ends);
    executor.block_on(yield_now());
    executor.shutdown();
    assert!(task.is_finished());
    assert!(executor::block_on(task).unwrap_err().is_panic());
}

#[test]
fn an_executor_may_end_with_its_thread() {
    thread_local! {
        static EXECUTOR: Executor = Executor::new();
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let guard = Guard(dropped.clone());
    let thread = std::thread::spawn(move || {
        EXECUTOR.with(|executor| {
            executor.block_on(async {
                spawn(async move {
                    let _guard = guard;
                    pending::<()>().await;
                });
            });
        });
    });
    thread.join().unwrap();
    assert_eq!(dropped.load(SeqCst), 1);
}

#[test]
fn all_futures_are_dropped_before_it_returns() {
    for threads in [1, 3] {
        let dropped = Arc::new(AtomicUsize::new(0));
        let executor = Executor::builder().threads(threads).build();
        executor.block_on(async {
            for number in 0..100 {
                let guard = Guard(dropped.clone());
                spawn(async move {
                    let _guard = guard;
                    if number % 2 == 0 {
                        pending::<()>().await;
                    }
                    loop {
                        yield_now().await;
                    }
                });
            }
            yield_now().await;
        });
        executor.shutdown();
        assert_eq!(dropped.load(SeqCst), 100, "with {threads} threads");
        assert_eq!(Arc::strong_count(&dropped), 1);
    }
}

#[test]
fn what_is_spawned_afterwards_is_aborted_at_once() {
    let executor = Executor::new();
    let handle = executor.handle();
    executor.shutdown();
    let dropped = Arc::new(AtomicUsize::new(0));
    let guard = Guard(dropped.clone());
    let task = handle.spawn(async move {
        let _guard = guard;
    });
    assert!(task.is_finished());
    assert_eq!(dropped.load(SeqCst), 1);
    assert!(waker::block_on(task).unwrap_err().is_aborted());
}

#[test]
fn a_drop_that_spawns_during_a_shutdown_is_refused_and_loses_nothing() {
    struct Spawns(Arc<AtomicUsize>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let guard = Guard(self.0.clone());
            spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let executor = Executor::new();
    let spawns = Spawns(dropped.clone());
    executor.spawn(async move {
        let _spawns = spawns;
        pending::<()>().await;
    });
    executor.block_on(yield_now());
    executor.shutdown();
    assert_eq!(dropped.load(SeqCst), 1);
}

#[test]
fn a_waker_that_outlives_its_executor_wakes_nothing() {
    let event = Event::new();
    let executor = Executor::new();
    let waits = event.wait();
    let task = executor.spawn(waits);
    executor.block_on(yield_now());
    executor.shutdown();
    event.set();
    assert!(waker::block_on(task).unwrap_err().is_aborted());
}

#[test]
fn dropped_inside_its_own_task_it_says_what_to_do() {
    let executor = Arc::new(Executor::builder().threads(2).build());
    let (send, receive) = mpsc::channel::<()>();
    let inside = executor.clone();
    let task = executor.spawn(async move {
        receive.recv().unwrap();
        drop(inside);
    });
    drop(executor);
    send.send(()).unwrap();
    let error = waker::block_on(task).unwrap_err();
    assert!(error.to_string().contains("keep it outside of block_on"), "{error}");
}
