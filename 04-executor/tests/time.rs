//! Timers, on a clock that jumps from deadline to deadline.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::future::pending;
use std::time::{Duration, Instant};

use executor::time::Elapsed;
use executor::{Executor, interval, sleep, spawn, timeout, yield_now};

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
    let (output, passed) = passed(async |_| {
        let output = timeout(100 * SECOND, async {
            yield_now().await;
            4
        })
        .await;
        // The next timer is this one: had the other stayed, it would still be behind it.
        sleep(SECOND).await;
        output
    });
    assert_eq!((output, passed), (Ok(4), SECOND));
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
            ticks.push((due - start).as_secs());
            clock.advance(Duration::from_millis(late));
        }
        ticks
    });
    // The fourth is taken a second and a half late, and the one that was due meanwhile is skipped.
    assert_eq!(ticks, [1, 2, 3, 4, 6]);
}

fn executor_now(clock: &JumpingClock) -> Instant {
    executor::clock::Clock::now(clock)
}

#[test]
fn an_earlier_deadline_from_another_thread_shortens_the_sleep() {
    // Real time, and no bound on it: were the sleep not shortened, this would take an hour.
    let counts = Counts::default();
    let executor = Executor::builder().threads(2).park(counts.park()).build();
    executor.block_on(async {
        let long = spawn(sleep(3600 * SECOND));
        while counts.sleeps() == 0 {
            yield_now().await;
        }
        spawn(sleep(Duration::from_millis(1))).await.unwrap();
        long.abort();
    });
}
