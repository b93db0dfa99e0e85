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

use std::sync::atomic::Ordering::{AcqRel, Acquire};

// It works like that of `std::sync`, and the tests come between its operations.
use testkit::WatchedAtomicUsize as AtomicUsize;

/// It is in the queue, or the thread that polls it will put it there.
const SCHEDULED: usize = 1 << 0;
/// A thread polls it, or drops its future.
const RUNNING: usize = 1 << 1;
/// Its future is gone.
const DONE: usize = 1 << 2;
/// Its future is to be dropped in place of polled.
const ABORTED: usize = 1 << 3;

/// The state of a task.
pub struct State {
    word: AtomicUsize,
}

impl State {
    /// Of a new task, which its maker puts into the queue.
    pub fn new() -> Self {
        Self { word: AtomicUsize::new(SCHEDULED) }
    }

    /// Wakes the task. Returns whether the caller must put it into the queue.
    pub fn wake(&self) -> bool {
        self.schedule(SCHEDULED)
    }

    /// Asks for the end of the task, and wakes it. Returns the same as `wake`.
    pub fn abort(&self) -> bool {
        self.schedule(SCHEDULED | ABORTED)
    }

    /// Sets the bits, one of which is SCHEDULED.
    fn schedule(&self, bits: usize) -> bool {
        self.word.fetch_or(bits, AcqRel) & (SCHEDULED | RUNNING | DONE) == 0
    }

    /// The task was taken out of the queue. Returns whether to poll it; if not, it was aborted.
    pub fn start(&self) -> bool {
        // Before the poll: a wake during the poll sets SCHEDULED again.
        self.word.fetch_xor(SCHEDULED | RUNNING, AcqRel) & ABORTED == 0
    }

    /// The poll has returned `Pending`. Returns whether the caller must put the task into the queue.
    pub fn pause(&self) -> bool {
        self.word.fetch_and(!RUNNING, AcqRel) & SCHEDULED != 0
    }

    /// The future was ready, or was dropped after `start` had returned false.
    pub fn finish(&self) {
        self.word.fetch_xor(RUNNING | DONE, AcqRel);
    }

    /// Whether the future is gone.
    pub fn is_done(&self) -> bool {
        self.word.load(Acquire) & DONE != 0
    }
}
