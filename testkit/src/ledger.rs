//! What becomes of futures that are given away: which are still there, and whether they are polled as
//! the contract of `poll` says.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

/// Counts futures, and watches their polls.
#[derive(Debug, Default)]
pub struct Ledger {
    live: AtomicUsize,
    tracked: AtomicUsize,
    ready: AtomicUsize,
    polls: AtomicUsize,
}

impl Ledger {
    /// An empty one.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Puts a future into the books. Polling it panics if two threads poll it at once, and after it was
    /// ready.
    pub fn track<F: Future>(self: &Arc<Self>, future: F) -> Tracked<F> {
        self.live.fetch_add(1, SeqCst);
        self.tracked.fetch_add(1, SeqCst);
        let (polled, ended) = (AtomicBool::new(false), false);
        Tracked { future: Box::pin(future), polled, ended, ledger: self.clone() }
    }

    /// How many were tracked.
    pub fn tracked(&self) -> usize {
        self.tracked.load(SeqCst)
    }

    /// How many have not been dropped: those are leaks when all should be gone.
    pub fn live(&self) -> usize {
        self.live.load(SeqCst)
    }

    /// How many were ready.
    pub fn ready(&self) -> usize {
        self.ready.load(SeqCst)
    }

    /// How often they were polled, all together.
    pub fn polls(&self) -> usize {
        self.polls.load(SeqCst)
    }
}

/// Made by [`Ledger::track`].
#[derive(Debug)]
pub struct Tracked<F> {
    future: Pin<Box<F>>,
    /// Whether a thread polls it now.
    polled: AtomicBool,
    ended: bool,
    ledger: Arc<Ledger>,
}

impl<F: Future> Future for Tracked<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // It is Unpin: the future is in a box.
        let this = self.get_mut();
        assert!(!this.polled.swap(true, SeqCst), "M16: two threads poll one future at once");
        assert!(!this.ended, "M18: a future was polled after it was ready");
        this.ledger.polls.fetch_add(1, SeqCst);
        let poll = this.future.as_mut().poll(cx);
        this.polled.store(false, SeqCst);
        if poll.is_ready() {
            this.ended = true;
            this.ledger.ready.fetch_add(1, SeqCst);
        }
        poll
    }
}

impl<F> Drop for Tracked<F> {
    fn drop(&mut self) {
        self.ledger.live.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::task::Waker;

    use super::*;
    use crate::poll_once;

    #[test]
    fn what_is_dropped_is_no_longer_there() {
        let ledger = Ledger::new();
        let (mut one, two) = (ledger.track(ready(1)), ledger.track(ready(2)));
        assert_eq!(ledger.live(), 2);
        assert_eq!(poll_once(&mut one, Waker::noop()), Poll::Ready(1));
        drop((one, two));
        assert_eq!((ledger.tracked(), ledger.live(), ledger.ready(), ledger.polls()), (2, 0, 1, 1));
    }

    #[test]
    #[should_panic = "M18"]
    fn a_poll_after_ready_panics() {
        let mut one = Ledger::new().track(ready(1));
        let _ = poll_once(&mut one, Waker::noop());
        let _ = poll_once(&mut one, Waker::noop());
    }
}
