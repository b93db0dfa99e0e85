//! Rung 1: polls everything in a loop. It is correct, but it never sleeps.
//!
//! `cargo run -p executor --example rung_1_poll_all`

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use waker::timer::sleep;

// ANCHOR: executor
type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Runs all tasks to their end. Returns how many polls that took.
fn run(mut tasks: Vec<Task>) -> u64 {
    let mut polls = 0;
    // No wake is needed: every task is polled in every round.
    let mut cx = Context::from_waker(Waker::noop());
    while !tasks.is_empty() {
        tasks.retain_mut(|task| {
            polls += 1;
            task.as_mut().poll(&mut cx) == Poll::Pending
        });
    }
    polls
}
// ANCHOR_END: executor

fn main() {
    let finished = Rc::new(Cell::new(0));
    let tasks = (1..=3).map(|n| {
        let finished = finished.clone();
        Box::pin(async move {
            sleep(Duration::from_millis(20 * n)).await;
            finished.set(finished.get() + 1);
        }) as Task
    });
    let polls = run(tasks.collect());
    println!("{} tasks have finished", finished.get());
    println!("more than 1,000 polls, where 6 would do: {}", polls > 1000);
}
