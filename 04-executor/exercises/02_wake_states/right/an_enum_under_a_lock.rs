//! What a task is doing, in one word.
//!
//! Any thread may wake a task, at any moment; one thread at a time polls it. `State` says who puts the
//! task into the queue, so that it is there once, and not while it is polled or dropped:
//! - A new task is in the queue. When it was taken out, `start` comes before its poll, and then `pause`
//!   if the poll returned `Pending`, or `finish` if it returned `Ready`. All wakes between them count.
//! - If `wake`, `abort` or `pause` returns true, its caller puts the task into the queue. A wake that
//!   comes during the poll returns false: the thread that polls does it, after `pause`.
//! - `abort` is a wake, and the next `start` returns false: the future is dropped in place of polled,
//!   and `finish` follows. After `finish` the task is never put into the queue again.
//!
//! Each method must look as if it acted at one moment: the tests come between any two operations on
//! what is shared.
//! Use `AcqRel` for the ordering (`Acquire` for a load, `Release` for a store); it is not judged here.
//!
//! Your task: all methods. The bits are a proposal.
//!
//! Read first: the book, "The states of a task".
//! Check with `cargo workshop check wake_states`.

// It works like that of `std::sync`, and the tests come between its operations.
use testkit::WatchedMutex as Mutex;

/// The state of a task.
pub struct State {
    now: Mutex<Now>,
}

#[derive(Clone, Copy, PartialEq)]
enum Now {
    Waits,
    Queued { aborted: bool },
    Polled { then: Then },
    Done,
}

/// What happens after a poll that returns `Pending`.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Wait,
    Poll,
    End,
}

impl State {
    /// Of a new task, which its maker puts into the queue.
    pub fn new() -> Self {
        Self { now: Mutex::new(Now::Queued { aborted: false }) }
    }

    /// Wakes the task. Returns whether the caller must put it into the queue.
    pub fn wake(&self) -> bool {
        self.change(|now| match now {
            Now::Waits => Now::Queued { aborted: false },
            Now::Polled { then: Then::Wait } => Now::Polled { then: Then::Poll },
            now => now,
        }) == Now::Waits
    }

    /// Asks for the end of the task, and wakes it. Returns the same as `wake`.
    pub fn abort(&self) -> bool {
        self.change(|now| match now {
            Now::Waits | Now::Queued { .. } => Now::Queued { aborted: true },
            Now::Polled { .. } => Now::Polled { then: Then::End },
            Now::Done => Now::Done,
        }) == Now::Waits
    }

    /// The task was taken out of the queue. Returns whether to poll it; if not, it was aborted.
    pub fn start(&self) -> bool {
        self.change(|_| Now::Polled { then: Then::Wait }) == Now::Queued { aborted: false }
    }

    /// The poll has returned `Pending`. Returns whether the caller must put the task into the queue.
    pub fn pause(&self) -> bool {
        let old = self.change(|now| match now {
            Now::Polled { then: Then::Wait } => Now::Waits,
            now => Now::Queued { aborted: now == Now::Polled { then: Then::End } },
        });
        old != Now::Polled { then: Then::Wait }
    }

    /// The future was ready, or was dropped after `start` had returned false.
    pub fn finish(&self) {
        self.change(|_| Now::Done);
    }

    /// Whether the future is gone.
    pub fn is_done(&self) -> bool {
        self.change(|now| now) == Now::Done
    }

    /// Returns what it was before.
    fn change(&self, to: impl FnOnce(Now) -> Now) -> Now {
        let mut now = self.now.lock().expect("nothing panics under this lock");
        let old = *now;
        *now = to(old);
        old
    }
}
