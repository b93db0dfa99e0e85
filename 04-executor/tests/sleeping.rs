//! When an executor's thread sleeps, and what ends that.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use executor::park::ThreadPark;
use executor::{Executor, Park, Unpark, budget, spawn, yield_now};
use waker::event::Event;

mod support;

use support::Counts;

#[test]
fn an_event_before_the_sleep_is_not_slept_through() {
    let counts = Counts::default();
    let executor = Executor::builder().park(counts.park()).build();
    let event = Event::new();
    let happening = event.clone();
    // The last moment: after the queues were looked into, and before the thread sleeps.
    counts.before_sleep(move |_| on_another_thread(|| happening.set()));
    executor.block_on(async { spawn_wait(&event).await.unwrap() });
    assert_eq!((counts.sleeps(), counts.unparks()), (1, 1));
}

/// Runs on a thread that works for no executor, to the end.
fn on_another_thread(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        scope.spawn(work);
    });
}

fn spawn_wait(event: &Arc<Event>) -> executor::JoinHandle<()> {
    let wait = event.wait();
    spawn(wait)
}

#[test]
fn a_wake_of_a_thread_that_is_awake_costs_no_system_call() {
    let counts = Counts::default();
    let executor = Executor::builder().park(counts.park()).build();
    let event = Event::new();
    executor.block_on(async {
        let task = spawn_wait(&event);
        yield_now().await;
        let setter = std::thread::spawn({
            let event = event.clone();
            move || event.set()
        });
        // The executor's thread is in this poll, so it is awake.
        setter.join().unwrap();
        task.await.unwrap();
    });
    assert_eq!((counts.sleeps(), counts.unparks()), (0, 0));
}

#[test]
fn many_wakes_of_a_thread_that_sleeps_unpark_it_once() {
    let counts = Counts::default();
    let executor = Executor::builder().park(counts.park()).build();
    let events: Vec<_> = (0..10).map(|_| Event::new()).collect();
    let happening = events.clone();
    counts.before_sleep(move |_| {
        on_another_thread(|| happening.iter().for_each(|event| event.set()));
    });
    executor.block_on(async {
        let tasks: Vec<_> = events.iter().map(spawn_wait).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(counts.unparks(), 1);
}

#[test]
fn tasks_that_are_always_ready_do_not_keep_events_waiting() {
    let counts = Counts::default();
    let executor = Executor::builder().park(counts.park()).build();
    let stop = Arc::new(AtomicBool::new(false));
    let polls = Arc::new(AtomicUsize::new(0));
    let (stopping, counted) = (stop.clone(), polls.clone());
    executor.block_on(async {
        let busy = spawn(async move {
            while !stopping.load(SeqCst) {
                counted.fetch_add(1, SeqCst);
                yield_now().await;
            }
        });
        while counts.looks() < 3 {
            yield_now().await;
        }
        stop.store(true, SeqCst);
        busy.await.unwrap();
    });
    assert!(polls.load(SeqCst) <= 4 * 61, "a look after every 61 polls: {polls:?}");
}

#[test]
fn a_task_woken_from_outside_has_its_turn_among_busy_ones() {
    let executor = Executor::new();
    let stop = Arc::new(AtomicBool::new(false));
    executor.block_on(async {
        for _ in 0..100 {
            let stop = stop.clone();
            spawn(async move {
                while !stop.load(SeqCst) {
                    yield_now().await;
                }
            });
        }
        let event = Event::new();
        let waits = spawn_wait(&event);
        yield_now().await;
        std::thread::spawn(move || event.set()).join().unwrap();
        waits.await.unwrap();
        stop.store(true, SeqCst);
    });
}

#[test]
fn a_leaf_that_is_always_ready_gives_its_turn_back() {
    let turns = Arc::new(Mutex::new(Vec::new()));
    let always_ready = || {
        poll_fn(|cx| {
            ready!(budget::has_left(cx));
            budget::spend();
            Poll::Ready(())
        })
    };
    Executor::new().block_on(async {
        let tasks: Vec<_> = (0..2)
            .map(|task| {
                let turns = turns.clone();
                spawn(async move {
                    for _ in 0..300 {
                        turns.lock().unwrap().push(task);
                        always_ready().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    let turns = turns.lock().unwrap();
    let first_of_the_other = turns.iter().position(|task| *task == 1).expect("it ran");
    assert!(first_of_the_other < 300, "the first ran to its end before the other began");
}

#[test]
fn outside_of_a_task_there_is_no_budget() {
    let cx = Context::from_waker(Waker::noop());
    let spend = || {
        budget::spend();
        budget::has_left(&cx)
    };
    assert!((0..10_000).all(|_| spend().is_ready()));
}

#[test]
fn another_block_on_inside_a_task_does_not_wait_for_budget_for_ever() {
    executor::block_on(async {
        let task = spawn(async {
            futures::executor::block_on(async {
                for _ in 0..1000 {
                    poll_fn(|cx| budget::has_left(cx)).await;
                    budget::spend();
                }
            });
        });
        task.await.unwrap();
    });
}

#[test]
fn what_stays_pending_spends_nothing() {
    let mut polls = 0;
    executor::block_on(poll_fn(|cx| {
        polls += 1;
        // A thousand that wait, then one that is ready: a budget spent on them would never reach it.
        for _ in 0..1000 {
            ready!(budget::has_left(cx));
        }
        budget::spend();
        Poll::Ready(())
    }));
    assert_eq!(polls, 1);
}

#[test]
fn a_main_future_that_is_always_ready_does_not_keep_events_waiting() {
    let counts = Counts::default();
    let executor = Executor::builder().park(counts.park()).build();
    executor.block_on(async {
        for _ in 0..1000 {
            yield_now().await;
        }
    });
    assert!(counts.looks() >= 1000 / 62, "a look after every 61 polls: {}", counts.looks());
}

#[test]
fn an_idle_executor_of_several_threads_sleeps_and_is_woken() {
    let executor = Executor::builder().threads(3).build();
    for _ in 0..100 {
        let (first, second) = (Event::new(), Event::new());
        executor.block_on(async {
            let (other, then) = (first.clone(), second.clone());
            let tasks = [
                spawn_wait(&first),
                spawn_wait(&second),
                spawn(async move {
                    other.set();
                    then.set();
                }),
            ];
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}

/// A place to sleep in, in which the first look lasts until the other worker has found it taken.
struct LongLook {
    inner: ThreadPark,
    other: mpsc::Sender<()>,
    /// Whether there was a look.
    looked: Arc<AtomicBool>,
    /// Hears of each sleep after it.
    sleeps: mpsc::Sender<()>,
}

impl Park for LongLook {
    fn park(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let look = limit == Some(Duration::ZERO);
        if look && !self.looked.load(SeqCst) {
            self.other.send(()).unwrap();
            // A hint only: a worker that is slower finds the place free, and sleeps in it.
            (0..1_000).for_each(|_| std::thread::yield_now());
            self.looked.store(true, SeqCst);
        } else if !look && self.looked.load(SeqCst) {
            let _ = self.sleeps.send(());
        }
        self.inner.park(limit)
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.inner.unparker()
    }
}

#[test]
fn a_worker_that_fell_asleep_during_a_look_watches_for_events_after_it() {
    let _guard = testkit::patient_watchdog(
        "one worker is busy, the other sleeps, and none watches for events",
    );
    let (other, released) = mpsc::channel();
    let (sleeps, watches) = mpsc::channel();
    let looked = Arc::new(AtomicBool::new(false));
    let park = LongLook { inner: ThreadPark::new(), other, looked: looked.clone(), sleeps };
    let executor = Executor::builder().threads(2).park(park).build();
    executor.block_on(async {
        let (begun, begins) = mpsc::channel();
        spawn(async move {
            begun.send(()).unwrap();
            released.recv().unwrap();
        });
        // This thread is busy, so that the other one runs it.
        begins.recv().unwrap();
        while !looked.load(SeqCst) {
            yield_now().await;
        }
        // It is busy for longer now. Events are for the other one.
        watches.recv().unwrap();
    });
}
