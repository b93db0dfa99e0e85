//! A worker that finds no task and sleeps, and a task that is queued just before the sleep.
//!
//! `cargo run -p executor --example look_again`

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

use executor::sleepers::Sleepers;

/// A queue of tasks, which are numbers here, and the list of sleepers. There is one worker: number 0.
#[derive(Default)]
struct Shared {
    queue: Mutex<VecDeque<u32>>,
    sleepers: Sleepers,
}

impl Shared {
    fn is_empty(&self) -> bool {
        self.queue.lock().expect("queue lock").is_empty()
    }

    // ANCHOR: push
    /// Returns whether the worker has to be unparked.
    fn push(&self, task: u32) -> bool {
        self.queue.lock().expect("queue lock").push_back(task);
        self.sleepers.wake_one().is_some()
    }
    // ANCHOR_END: push

    // ANCHOR: sleeps_at_once
    /// Returns whether the worker sleeps now.
    fn sleeps_at_once(&self, another_thread: impl FnOnce()) -> bool {
        if !self.is_empty() {
            return false;
        }
        another_thread();
        self.sleepers.announce(0);
        true
    }
    // ANCHOR_END: sleeps_at_once

    // ANCHOR: looks_again
    fn looks_again(&self, another_thread: impl FnOnce()) -> bool {
        if !self.is_empty() {
            return false;
        }
        another_thread();
        self.sleepers.announce(0);
        if !self.is_empty() {
            self.sleepers.retract(0);
            return false;
        }
        true
    }
    // ANCHOR_END: looks_again
}

fn main() {
    for (name, looks_again) in [("sleeps at once", false), ("looks again", true)] {
        let shared = Shared::default();
        let push = || {
            let unparks = thread::scope(|scope| scope.spawn(|| shared.push(7)).join());
            let unparks = unparks.expect("a push does not panic");
            println!("{name}: the push unparks the worker: {unparks}");
        };
        let sleeps =
            if looks_again { shared.looks_again(push) } else { shared.sleeps_at_once(push) };
        let waiting = shared.queue.lock().expect("queue lock").len();
        println!("{name}: tasks in the queue: {waiting}, the worker sleeps: {sleeps}");
    }
}
