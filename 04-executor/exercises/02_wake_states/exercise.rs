//! What a task is doing, in one word.
//!
//! Any thread may wake a task, at any moment; one thread at a time polls it. `State` says which of them puts
//! the task into the queue, so that it is there once, and not while it is polled or dropped:
//! - A new task is in the queue. When it was taken out, `start` comes before its poll, and then `pause`
//!   if the poll returned `Pending`, or `finish` if it returned `Ready`. All wakes between them count.
//! - If `wake`, `abort` or `pause` returns true, its caller puts the task into the queue. A wake that
//!   comes during the poll returns false: the thread that polls does it, after `pause`.
//! - `abort` is a wake, and the next `start` returns false: the future is dropped in place of polled,
//!   and `finish` follows. After `finish` the task is never put into the queue again.
//!
//! Each method must look as if it acted at one moment, because the tests act as another thread between any
//! two operations on what is shared.
//! Use `AcqRel` for the ordering (`Acquire` for a load, `Release` for a store); it is not judged here.
//!
//! Your task: all methods. The bits are a proposal.
//!
//! Read first: the book, "The states of a task".
//! Check with `cargo workshop check wake_states`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

// They work like those of `std::sync`, and the tests act as other threads between their operations.
use testkit::{WatchedAtomicUsize as AtomicUsize, WatchedMutex as Mutex};

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
        todo!("which bits are set?")
    }

    /// Wakes the task. Returns whether the caller must put it into the queue.
    pub fn wake(&self) -> bool {
        todo!("it waits, or is in the queue, or is polled, or is done")
    }

    /// Asks for the end of the task, and wakes it. Returns the same as `wake`.
    pub fn abort(&self) -> bool {
        todo!("as a wake, but `start` must learn of it")
    }

    /// The task was taken out of the queue. Returns whether to poll it; if not, it was aborted.
    pub fn start(&self) -> bool {
        todo!("from now on it is polled; what does a wake during the poll have to find?")
    }

    /// The poll has returned `Pending`. Returns whether the caller must put the task into the queue.
    pub fn pause(&self) -> bool {
        todo!("was it woken meanwhile?")
    }

    /// The future was ready, or was dropped after `start` had returned false.
    pub fn finish(&self) {
        todo!("from now on, what does a wake have to find?")
    }

    /// Whether the future is gone.
    pub fn is_done(&self) -> bool {
        todo!("a look")
    }
}
