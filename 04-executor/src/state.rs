//! What a task is doing, in one word.

use std::sync::atomic::Ordering::{AcqRel, Acquire};

use crate::sync::AtomicUsize;

// ANCHOR: bits
/// It is in a run queue, or the thread that polls it will put it there.
const SCHEDULED: usize = 1 << 0;
/// A thread polls it, or drops its future.
const RUNNING: usize = 1 << 1;
/// It has a result, and its future is gone.
const DONE: usize = 1 << 2;
/// Its future is to be dropped instead of polled.
const ABORTED: usize = 1 << 3;
/// Its `JoinHandle` is gone: nothing will ask for the result.
const DETACHED: usize = 1 << 4;
/// The handle has left the joiner's waker.
const AWAITED: usize = 1 << 5;

/// The word. Each change is one atomic read-modify-write, so each has seen all that the changes before
/// it have published: a wake that finds `SCHEDULED` set still hands over what was written before it.
#[derive(Debug)]
pub struct State(AtomicUsize);
// ANCHOR_END: bits

// ANCHOR: transitions
impl State {
    /// The state of a new task, which is about to be put into a queue.
    pub fn scheduled() -> Self {
        Self(AtomicUsize::new(SCHEDULED))
    }

    // ANCHOR: wake
    /// A wake. Returns whether the caller must put the task into a queue.
    #[must_use]
    pub fn wake(&self) -> bool {
        self.schedule(SCHEDULED)
    }

    /// An abort, which is a wake as well: the executor drops the future. Returns the same.
    #[must_use]
    pub fn abort(&self) -> bool {
        self.schedule(SCHEDULED | ABORTED)
    }

    fn schedule(&self, bits: usize) -> bool {
        self.0.fetch_or(bits, AcqRel) & (SCHEDULED | RUNNING | DONE) == 0
    }
    // ANCHOR_END: wake

    // ANCHOR: turn
    /// The task was taken out of a queue. Returns whether the caller must poll it. If not, it was
    /// aborted, and the caller drops its future.
    #[must_use]
    pub fn start(&self) -> bool {
        // Clears SCHEDULED before the poll: a wake during the poll sets it again.
        let old = self.0.fetch_xor(SCHEDULED | RUNNING, AcqRel);
        debug_assert_eq!(old & (SCHEDULED | RUNNING | DONE), SCHEDULED, "it was in a queue, once");
        old & ABORTED == 0
    }

    /// The poll has returned `Pending`. Returns whether the task was woken meanwhile, so that the
    /// caller must put it into a queue.
    #[must_use]
    pub fn pause(&self) -> bool {
        self.0.fetch_and(!RUNNING, AcqRel) & SCHEDULED != 0
    }
    // ANCHOR_END: turn

    // ANCHOR: end
    /// The result is in its place. Returns what happens to it.
    #[must_use]
    pub fn finish(&self) -> Heir {
        let old = self.0.fetch_xor(RUNNING | DONE, AcqRel);
        match (old & DETACHED != 0, old & AWAITED != 0) {
            (true, _) => Heir::Nobody,
            (false, true) => Heir::Waker,
            (false, false) => Heir::Handle,
        }
    }
    // ANCHOR_END: end

    // ANCHOR: handle
    /// The joiner's waker is in its place. Returns whether it came too late: the result is already there.
    #[must_use]
    pub fn await_result(&self) -> bool {
        self.0.fetch_or(AWAITED, AcqRel) & DONE != 0
    }

    /// The `JoinHandle` is dropped. Returns whether there is a result already, which the caller drops.
    #[must_use]
    pub fn detach(&self) -> bool {
        self.0.fetch_or(DETACHED, AcqRel) & DONE != 0
    }
    // ANCHOR_END: handle

    /// Whether the result is in its place.
    pub fn is_done(&self) -> bool {
        self.0.load(Acquire) & DONE != 0
    }
}

/// What happens to a result.
#[derive(Debug, PartialEq, Eq)]
pub enum Heir {
    /// The `JoinHandle` takes it when it is polled.
    Handle,
    /// The same, and the caller wakes the waker that it has left.
    Waker,
    /// There is no `JoinHandle`: the caller drops the result.
    Nobody,
}
// ANCHOR_END: transitions

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_wakes_queue_a_task_once() {
        let state = State::scheduled();
        assert!(!state.wake(), "it is in the queue from the beginning");
        assert!(state.start() && !state.pause());
        assert_eq!((0..1000).filter(|_| state.wake()).count(), 1);
    }

    #[test]
    fn a_wake_during_the_poll_requeues_once_and_by_the_poller() {
        let state = State::scheduled();
        assert!(state.start());
        assert!(!state.wake() && !state.wake(), "the poller will do it");
        assert!(state.pause());
        assert!(!state.wake(), "it is in the queue");
        assert!(state.start() && !state.pause());
    }

    #[test]
    fn a_task_that_is_done_is_never_queued_again() {
        let state = State::scheduled();
        assert!(state.start() && !state.wake());
        assert_eq!(state.finish(), Heir::Handle);
        assert!(state.is_done() && !state.wake() && !state.abort());
    }

    #[test]
    fn an_abort_queues_what_waits_and_only_that() {
        let waiting = State::scheduled();
        assert!(waiting.start() && !waiting.pause());
        assert!(waiting.abort() && !waiting.start());
        let running = State::scheduled();
        assert!(running.start() && !running.abort());
        assert!(running.pause() && !running.start());
    }

    #[test]
    fn a_waker_is_woken_or_has_come_too_late() {
        let in_time = State::scheduled();
        assert!(in_time.start() && !in_time.await_result());
        assert_eq!(in_time.finish(), Heir::Waker);
        let too_late = State::scheduled();
        assert!(too_late.start());
        assert_eq!(too_late.finish(), Heir::Handle);
        assert!(too_late.await_result());
    }

    #[test]
    fn one_of_the_two_drops_the_result() {
        let detached_first = State::scheduled();
        assert!(detached_first.start() && !detached_first.await_result());
        assert!(!detached_first.detach());
        assert_eq!(detached_first.finish(), Heir::Nobody);
        let finished_first = State::scheduled();
        assert!(finished_first.start());
        assert_eq!(finished_first.finish(), Heir::Handle);
        assert!(finished_first.detach());
    }
}
