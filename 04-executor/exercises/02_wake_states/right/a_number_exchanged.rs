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

use std::sync::atomic::Ordering::SeqCst;

// It works like that of `std::sync`, and the tests come between its operations.
use testkit::WatchedAtomicUsize as AtomicUsize;

const WAITS: usize = 0;
const QUEUED: usize = 1;
const POLLED: usize = 2;
const WOKEN_WHILE_POLLED: usize = 3;
const DONE: usize = 4;
/// Added to a state above.
const ABORTED: usize = 10;

/// The state of a task.
pub struct State {
    word: AtomicUsize,
}

impl State {
    /// Of a new task, which its maker puts into the queue.
    pub fn new() -> Self {
        Self { word: AtomicUsize::new(QUEUED) }
    }

    /// Wakes the task. Returns whether the caller must put it into the queue.
    pub fn wake(&self) -> bool {
        loop {
            let old = self.word.load(SeqCst);
            let new = match old {
                WAITS => QUEUED,
                POLLED => WOKEN_WHILE_POLLED,
                _ => return false,
            };
            if self.exchange(old, new) {
                return old == WAITS;
            }
        }
    }

    /// Asks for the end of the task, and wakes it. Returns the same as `wake`.
    pub fn abort(&self) -> bool {
        let aborted = |old| match old {
            WAITS | QUEUED => Some(QUEUED + ABORTED),
            POLLED | WOKEN_WHILE_POLLED => Some(WOKEN_WHILE_POLLED + ABORTED),
            _ => None,
        };
        self.word.fetch_update(SeqCst, SeqCst, aborted) == Ok(WAITS)
    }

    /// The task was taken out of the queue. Returns whether to poll it; if not, it was aborted.
    pub fn start(&self) -> bool {
        self.word.swap(POLLED, SeqCst) == QUEUED
    }

    /// The poll has returned `Pending`. Returns whether the caller must put the task into the queue.
    pub fn pause(&self) -> bool {
        if self.exchange(POLLED, WAITS) {
            return false;
        }
        // It was woken: of the others, only an abort may change it now, and that stays.
        self.word.fetch_sub(WOKEN_WHILE_POLLED - QUEUED, SeqCst);
        true
    }

    /// The future was ready, or was dropped after `start` had returned false.
    pub fn finish(&self) {
        self.word.store(DONE, SeqCst);
    }

    /// Whether the future is gone.
    pub fn is_done(&self) -> bool {
        self.word.load(SeqCst) == DONE
    }

    fn exchange(&self, old: usize, new: usize) -> bool {
        self.word.compare_exchange(old, new, SeqCst, SeqCst).is_ok()
    }
}
