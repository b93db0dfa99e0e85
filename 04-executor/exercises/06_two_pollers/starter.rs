//! One task, several threads.
//!
//! A task may be in two queues at once, because it was stolen or woken twice. So any number of threads may
//! call `run` at any moment, each because it has found the task in a queue.
//! - `run` polls the task if it is scheduled. If it is not, or while another thread polls it, `run`
//!   returns at once, and leaves the state as it is. Two threads never poll it at the same time.
//! - `wake` schedules it, and returns whether the caller must put it into a queue: true only if it was
//!   waiting. A wake during the poll is never lost: that `run` returns true, and its caller puts the task
//!   into a queue.
//! - A poll sees all that was written before the wakes that came before it, and all that the polls
//!   before it have written.
//!
//! loom runs the tests: every order of the threads, and every old value that an `Ordering` allows a load
//! to return. It sees only its own types: use those of `loom::sync`, such as the one imported here. Its
//! `compare_exchange_weak` never fails spuriously; on Arm it does, so use it only in a loop.
//!
//! Your task: `wake` and `run`, and what `state` says. `SCHEDULED` and `RUNNING` are bits: both may be
//! set.
//!
//! Read first: the book, "The states of a task" and "Memory ordering".
//! Check with `cargo workshop check two_pollers`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use loom::sync::atomic::{AtomicUsize, Ordering};

/// It was not woken since its last poll began, and it is not polled.
const WAITING: usize = 0;
const SCHEDULED: usize = 1;
const RUNNING: usize = 2;

/// A task. `P` polls its future once.
pub struct Task<P> {
    state: AtomicUsize,
    poll: P,
}

impl<P: Fn()> Task<P> {
    /// A task that waits.
    pub fn new(poll: P) -> Self {
        Self { state: AtomicUsize::new(WAITING), poll }
    }

    /// Schedules the task. Returns whether the caller must put it into a queue.
    pub fn wake(&self) -> bool {
        todo!("what may the task be doing? and which wakes must the next poll have seen?")
    }

    /// Polls the task, if it is scheduled: `(self.poll)()`. Returns whether the caller must put it into a
    /// queue, because it was woken meanwhile.
    pub fn run(&self) -> bool {
        todo!(
            "which of the threads that come here may poll? and what has happened when the poll is over?"
        )
    }
}
