//! Timers, on a clock that jumps from deadline to deadline.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

use executor::time::{Elapsed, Sleep};
use executor::{Executor, interval, sleep, spawn, timeout, yield_now};
use waker::event::Event;

mod support;

use support::{Counts, JumpingClock};

const SECOND: Duration = Duration::from_secs(1);

/// Runs on a clock that jumps, and returns how much time has passed on it.
fn passed<T>(future: impl AsyncFnOnce(JumpingClock) -> T) -> (T, Duration) {
    let clock = JumpingClock::new();
    let executor = Executor::builder().park(clock.clone()).clock(clock.clone()).build();
    let output = executor.block_on(future(clock.clone()));
    (output, clock.passed())
}

#[test]
fn sleeps_end_in_the_order_of_their_deadlines() {
    let (order, passed) = passed(async |_| {
        let (send, receive) = std::sync::mpsc::channel();
        let tasks: Vec<_> = [3, 1, 2, 1]
            .into_iter()
            .map(|seconds| {
                let send = send.clone();
                spawn(async move {
                    sleep(seconds * SECOND).await;
                    send.send(seconds).unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        receive.try_iter().collect::<Vec<_>>()
    });
    assert_eq!((order, passed), (vec![1, 1, 2, 3], 3 * SECOND));
}

#[test]
fn zero_is_ready_at_once_and_for_ever_is_never() {
    let ((), passed) = passed(async |_| {
        sleep(Duration::ZERO).await;
        let forever = timeout(SECOND, sleep(Duration::MAX)).await;
        assert_eq!(forever, Err(Elapsed));
    });
    assert_eq!(passed, SECOND);
}

#[test]
fn a_timeout_that_is_not_needed_leaves_no_timer_behind() {
    let counts = Counts::default();
    let executor = Executor::builder().park(counts.park()).build();
    let event = Event::new();
    let happens = event.clone();
    counts.before_sleep(move |limit| {
        assert_eq!(limit, None, "a timer is left, and the thread would sleep until its deadline");
        happens.set();
    });
    let output = executor.block_on(async {
        let answer = async {
            yield_now().await;
            4
        };
        let output = timeout(100 * SECOND, answer).await;
        event.wait().await;
        output
    });
    assert_eq!(output, Ok(4));
}

#[test]
fn a_timeout_drops_the_future_with_itself() {
    let (result, _) = passed(async |_| timeout(SECOND, pending::<()>()).await);
    assert_eq!(result, Err(Elapsed));
    assert_eq!(Elapsed.to_string(), "the time was up before the future was ready");
}

#[test]
fn ticks_stay_in_step_and_skip_what_was_missed() {
    let (ticks, _) = passed(async |clock| {
        let start = executor_now(&clock);
        let mut interval = interval(SECOND);
        let mut ticks = Vec::new();
        for late in [0, 0, 2500, 0, 0] {
            let due = interval.tick().await;
            ticks.push((due - start).as_millis());
            clock.advance(Duration::from_millis(late));
        }
        ticks
    });
    // The fourth is taken a second and a half late, and the one that was due meanwhile is skipped.
    assert_eq!(ticks, [1000, 2000, 3000, 4000, 6000]);
}

fn executor_now(clock: &JumpingClock) -> Instant {
    executor::clock::Clock::now(clock)
}

#[test]
fn an_earlier_deadline_from_another_thread_shortens_the_sleep() {
    let counts = Counts::default();
    let executor = Executor::builder().park(counts.park()).build();
    let (event, unparks) = (Event::new(), counts.clone());
    let (mut short, happens) = (None, event.clone());
    let (send, receive) = std::sync::mpsc::channel();
    counts.before_sleep(move |limit| {
        let poll = |sleep: &mut Sleep| {
            let polled = Pin::new(sleep).poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending());
        };
        if short.is_none() {
            assert!(limit > Some(60 * SECOND), "the thread is about to sleep for an hour");
            let sleep: &mut Sleep = short.insert(receive.recv().unwrap());
            std::thread::scope(|scope| {
                scope.spawn(|| poll(sleep));
            });
            assert_eq!(unparks.unparks(), 1, "the thread sleeps on, behind the earlier deadline");
        } else {
            assert!(limit <= Some(60 * SECOND));
            // It holds the executor, which holds this hook.
            short = None;
            happens.set();
        }
    });
    executor.block_on(async {
        let mut long = sleep(3600 * SECOND);
        let polled = Pin::new(&mut long).poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        send.send(sleep(60 * SECOND)).unwrap();
        event.wait().await;
    });
    // It holds the counts, which hold it.
    counts.before_sleep(|_| ());
}

#[test]
fn a_waker_that_panics_loses_no_other_timer() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("on purpose");
        }
    }
    let ((), passed) = passed(async |_| {
        let mut first = sleep(SECOND);
        let panics = Waker::from(Arc::new(Panics));
        assert!(Pin::new(&mut first).poll(&mut Context::from_waker(&panics)).is_pending());
        // Due in the same moment, and behind it in the queue.
        sleep(SECOND).await;
    });
    assert_eq!(passed, SECOND);
}

#[test]
fn ticks_of_a_nanosecond_stay_in_step_after_a_long_time() {
    passed(async |clock| {
        let mut interval = interval(Duration::from_nanos(1));
        interval.tick().await;
        clock.advance(10 * SECOND);
        let (missed, next) = (interval.tick().await, interval.tick().await);
        assert!(next - missed >= 10 * SECOND);
    });
}

#[test]
fn a_sleep_wakes_the_waker_of_its_latest_poll() {
    passed(async |_| {
        let mut sleep = sleep(SECOND);
        let polled = Pin::new(&mut sleep).poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        sleep.await;
    });
}
