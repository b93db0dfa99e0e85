//! What becomes of a task: spawned, awaited, detached, aborted, panicked.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::{Poll, Waker};

use executor::{Executor, block_on, spawn, spawn_local, yield_now};
use waker::event::Event;

/// Counts how many there are.
struct Guard(Arc<AtomicUsize>);

impl Guard {
    fn new(alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, SeqCst);
        Self(alive.clone())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(words) => *words,
        Err(panic) => (*panic.downcast::<&str>().expect("words")).to_owned(),
    }
}

#[test]
fn a_task_runs_although_its_handle_is_not_awaited() {
    let ran = Arc::new(AtomicUsize::new(0));
    let seen = ran.clone();
    block_on(async move {
        drop(spawn(async move { seen.fetch_add(1, SeqCst) }));
        yield_now().await;
        yield_now().await;
    });
    assert_eq!(ran.load(SeqCst), 1);
}

#[test]
fn a_handle_gives_the_output_whoever_was_first() {
    let outputs = block_on(async {
        let finished = spawn(async { 1 });
        while !finished.is_finished() {
            yield_now().await;
        }
        let waits = spawn(async {
            for _ in 0..3 {
                yield_now().await;
            }
            2
        });
        [finished.await.unwrap(), waits.await.unwrap()]
    });
    assert_eq!(outputs, [1, 2]);
}

#[test]
fn tasks_are_polled_in_the_order_in_which_they_were_woken() {
    let order = block_on(async {
        let (send, receive) = mpsc::channel();
        let tasks: Vec<_> = (0..3)
            .map(|task| {
                let send = send.clone();
                spawn(async move {
                    for _ in 0..2 {
                        send.send(task).unwrap();
                        yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        receive.try_iter().collect::<Vec<_>>()
    });
    assert_eq!(order, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_thousand_wakes_are_one_poll() {
    let polls = Arc::new(AtomicUsize::new(0));
    let waker: Arc<std::sync::Mutex<Option<Waker>>> = Arc::default();
    let (counted, kept) = (polls.clone(), waker.clone());
    block_on(async {
        let task = spawn(poll_fn(move |cx| {
            *kept.lock().unwrap() = Some(cx.waker().clone());
            match counted.fetch_add(1, SeqCst) {
                2 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        }));
        for _ in 0..2 {
            yield_now().await;
            yield_now().await;
            let waker = waker.lock().unwrap().clone().expect("it was polled");
            (0..1000).for_each(|_| waker.wake_by_ref());
        }
        task.await.unwrap();
    });
    assert_eq!(polls.load(SeqCst), 3);
}

#[test]
fn a_wake_after_the_end_does_nothing_and_holds_no_future() {
    let alive = Arc::new(AtomicUsize::new(0));
    let guard = Guard::new(&alive);
    let mut guard = Some(guard);
    let (send, receive) = mpsc::channel();
    block_on(spawn_in(poll_fn(move |cx| {
        send.send(cx.waker().clone()).unwrap();
        drop(guard.take());
        Poll::Ready(())
    })));
    let waker = receive.recv().unwrap();
    assert_eq!(alive.load(SeqCst), 0);
    waker.wake_by_ref();
    waker.wake();
}

/// Spawns, and awaits the handle.
async fn spawn_in<F>(future: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    spawn(future).await.unwrap();
}

#[test]
fn a_panic_is_the_result_of_its_task_and_of_no_other() {
    let executor = Executor::builder().threads(2).build();
    let (panicked, other) = executor.block_on(async {
        let panicked = spawn(async { panic!("on purpose") });
        let other = spawn(async {
            yield_now().await;
            7
        });
        (panicked.await.map(|(): ()| ()), other.await)
    });
    let error = panicked.unwrap_err();
    assert!(error.is_panic() && !error.is_aborted());
    assert_eq!(error.to_string(), "the task panicked: on purpose");
    assert_eq!(message(error.into_panic().expect("it is a panic")), "on purpose");
    assert_eq!(other.unwrap(), 7);
}

#[test]
fn a_panic_in_a_drop_is_caught_as_well() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in a drop");
        }
    }
    block_on(async {
        let panics = Panics;
        let task = spawn(async move {
            let _panics = panics;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_panic());
        // A result whose handle is gone is dropped by the executor.
        drop(spawn(async { Panics }));
        assert_eq!(spawn(async { 3 }).await.unwrap(), 3);
    });
}

#[test]
fn an_aborted_task_is_dropped_by_the_executor_and_not_in_abort() {
    let alive = Arc::new(AtomicUsize::new(0));
    block_on(async {
        let guard = Guard::new(&alive);
        let task = spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert_eq!(alive.load(SeqCst), 1, "abort only schedules");
        assert!(task.await.unwrap_err().is_aborted());
        assert_eq!(alive.load(SeqCst), 0);
    });
}

#[test]
fn an_abort_before_the_first_poll_and_after_the_last() {
    block_on(async {
        let never = spawn(async { panic!("it was polled") });
        never.abort();
        let error = never.await.map(|(): ()| ()).unwrap_err();
        assert!(error.is_aborted());
        let done = spawn(async { 5 });
        while !done.is_finished() {
            yield_now().await;
        }
        done.abort();
        assert_eq!(done.await.unwrap(), 5, "what was ready before stays");
    });
}

#[test]
fn a_task_may_abort_itself_and_ends_at_its_next_await() {
    block_on(async {
        let (send, receive) = async_channel::bounded(1);
        let reached = Arc::new(AtomicUsize::new(0));
        let counter = reached.clone();
        let task = Arc::new(spawn(async move {
            let own: Arc<executor::JoinHandle<()>> = receive.recv().await.unwrap();
            own.abort();
            counter.fetch_add(1, SeqCst);
            drop(own);
            yield_now().await;
            counter.fetch_add(1, SeqCst);
        }));
        send.send(task.clone()).await.unwrap();
        while !task.is_finished() {
            yield_now().await;
        }
        assert_eq!(reached.load(SeqCst), 1);
    });
}

#[test]
fn a_spawn_inside_a_poll_and_inside_a_drop_works() {
    struct Spawns(mpsc::Sender<i32>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let send = self.0.clone();
            spawn(async move { send.send(2).unwrap() });
        }
    }
    let (send, receive) = mpsc::channel();
    block_on(async {
        let spawns = Spawns(send.clone());
        spawn(async move {
            spawn(async move { send.send(1).unwrap() }).await.unwrap();
            drop(spawns);
        })
        .await
        .unwrap();
        yield_now().await;
        yield_now().await;
    });
    assert_eq!(receive.try_iter().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn outside_of_an_executor_spawn_says_what_to_do() {
    let panic = catch_unwind(|| spawn(async {})).unwrap_err();
    let words = message(panic);
    assert!(words.contains("spawn was called on a thread that runs no executor"), "{words}");
}

#[test]
fn block_on_inside_a_task_says_what_to_do() {
    let panic = catch_unwind(|| block_on(async { block_on(async {}) })).unwrap_err();
    assert!(message(panic).contains("block_on was called inside a task"));
}

#[test]
fn block_on_of_others_works_inside_ours_and_ours_inside_theirs() {
    assert_eq!(block_on(async { futures::executor::block_on(async { 1 }) }), 1);
    assert_eq!(futures::executor::block_on(async { block_on(async { 2 }) }), 2);
    assert_eq!(block_on(async { waker::block_on(async { 3 }) }), 3);
}

#[test]
fn two_executors_keep_their_tasks_apart() {
    let (one, two) = (Executor::new(), Executor::new());
    let event = Event::new();
    let waits = event.wait();
    let task = two.spawn(async move {
        waits.await;
        std::thread::current().id()
    });
    // The wake happens on the thread of `one`, inside its block_on: the task is not for its queue.
    let one_ran = one.block_on(async {
        event.set();
        yield_now().await;
        std::thread::current().id()
    });
    assert!(!task.is_finished(), "only its own executor runs it");
    assert_eq!(two.block_on(task).unwrap(), one_ran, "both are this thread's");
}

#[test]
fn local_tasks_need_not_be_send_and_end_with_block_on() {
    let value = Rc::new(Cell::new(0));
    let alive = Arc::new(AtomicUsize::new(0));
    let executor = Executor::builder().threads(2).build();
    let kept: Arc<std::sync::Mutex<Option<Waker>>> = Arc::default();
    executor.block_on(async {
        let shared = value.clone();
        let own = std::thread::current().id();
        let task = spawn_local(async move {
            for _ in 0..100 {
                yield_now().await;
                assert_eq!(std::thread::current().id(), own, "it was polled on another thread");
            }
            shared.set(shared.get() + 1);
            shared
        });
        task.await.unwrap();
        let (guard, kept) = (Guard::new(&alive), kept.clone());
        // The Rc must be dropped here, although the waker lives on, and is dropped elsewhere.
        let rc = value.clone();
        spawn_local(poll_fn(move |cx| {
            let _ = (&guard, &rc);
            *kept.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }));
        yield_now().await;
        yield_now().await;
    });
    assert_eq!(alive.load(SeqCst), 0);
    assert_eq!((value.get(), Rc::strong_count(&value)), (1, 1));
    let waker = kept.lock().unwrap().take().expect("it was polled");
    std::thread::spawn(move || {
        waker.wake_by_ref();
        drop(waker);
    })
    .join()
    .unwrap();
}

#[test]
fn a_local_task_is_woken_from_another_thread() {
    let event = Event::new();
    let output = block_on(async {
        let waits = event.wait();
        let task = spawn_local(async move {
            waits.await;
            Rc::new(9)
        });
        let setter = std::thread::spawn({
            let event = event.clone();
            move || event.set()
        });
        let output = task.await.unwrap();
        setter.join().unwrap();
        *output
    });
    assert_eq!(output, 9);
}

#[test]
fn a_panic_in_the_main_future_ends_local_tasks_and_leaves_the_executor_usable() {
    let executor = Executor::new();
    let alive = Arc::new(AtomicUsize::new(0));
    let guard = Guard::new(&alive);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        executor.block_on(async {
            spawn_local(async move {
                let _guard = guard;
                pending::<()>().await;
            });
            yield_now().await;
            panic!("main");
        })
    }));
    assert!(panic.is_err());
    assert_eq!(alive.load(SeqCst), 0);
    assert_eq!(executor.block_on(spawn_later(&executor)), 4);
}

async fn spawn_later(executor: &Executor) -> i32 {
    executor.spawn(async { 4 }).await.unwrap()
}
