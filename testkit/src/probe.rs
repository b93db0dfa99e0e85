//! Futures that a test watches while code under test owns them.

use std::cell::Cell;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

thread_local! {
    static POLLS: Cell<usize> = const { Cell::new(0) };
}

/// What a test knows of a future: what was done with it, and the waker of its latest poll.
///
/// It panics at nothing: a panic inside a poll may be caught by the code under test.
#[derive(Debug, Default)]
pub struct Probe {
    polls: AtomicUsize,
    late: AtomicUsize,
    drops: AtomicUsize,
    waker: Mutex<Option<Waker>>,
}

impl Probe {
    /// A probe that all threads and futures of a test may use. It lives as long as the process.
    pub fn new() -> &'static Self {
        Box::leak(Box::default())
    }

    /// How often its futures were polled.
    pub fn polls(&self) -> usize {
        self.polls.load(SeqCst)
    }

    /// How often they were polled after they had been ready. They are pending then.
    pub fn late_polls(&self) -> usize {
        self.late.load(SeqCst)
    }

    /// How often they were dropped.
    pub fn drops(&self) -> usize {
        self.drops.load(SeqCst)
    }

    /// How often futures of any probe were polled on this thread.
    pub fn polls_on_this_thread() -> usize {
        POLLS.get()
    }

    /// A clone of the waker of the latest poll.
    pub fn waker(&self) -> Option<Waker> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wakes what has polled it, if it was polled. The waker stays.
    pub fn wake(&self) {
        self.waker().into_iter().for_each(Waker::wake);
    }

    /// Drops the waker.
    pub fn forget_waker(&self) {
        drop(self.replace_waker(None));
    }

    fn replace_waker(&self, waker: Option<Waker>) -> Option<Waker> {
        std::mem::replace(&mut *self.waker.lock().unwrap_or_else(PoisonError::into_inner), waker)
    }

    /// A future that this watches. `poll` has the number of the poll, from 1, and the waker.
    pub fn future<T, P>(&'static self, mut poll: P) -> impl Future<Output = T> + Send + use<T, P>
    where
        P: FnMut(usize, &Waker) -> Poll<T> + Send + 'static,
    {
        let dropped = OnDrop::new(|| _ = self.drops.fetch_add(1, SeqCst));
        let mut is_over = false;
        poll_fn(move |cx| {
            let _ = &dropped;
            POLLS.set(POLLS.get() + 1);
            let polls = self.polls.fetch_add(1, SeqCst) + 1;
            if is_over {
                self.late.fetch_add(1, SeqCst);
                return Poll::Pending;
            }
            drop(self.replace_waker(Some(cx.waker().clone())));
            let polled = poll(polls, cx.waker());
            is_over = polled.is_ready();
            polled
        })
    }

    /// A future that is never ready.
    pub fn waits(&'static self) -> impl Future<Output = ()> + Send + use<> {
        self.future(|_, _| Poll::Pending)
    }

    /// A future that is ready at this poll.
    pub fn ready_at(&'static self, poll: usize) -> impl Future<Output = ()> + Send + use<> {
        self.future(move |polls, _| if polls == poll { Poll::Ready(()) } else { Poll::Pending })
    }
}

/// Does something when it is dropped.
pub struct OnDrop(Option<Box<dyn FnOnce() + Send>>);

impl OnDrop {
    /// Does `act` when it is dropped.
    pub fn new(act: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(act)))
    }
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        if let Some(act) = self.0.take() {
            act();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CountingWaker, poll_once};

    #[test]
    fn a_probe_knows_what_was_done_with_its_future() {
        let (counter, waker) = CountingWaker::new();
        let probe = Probe::new();
        probe.wake();
        let mut future = Box::pin(probe.ready_at(2));
        assert!(poll_once(&mut future, &waker).is_pending());
        probe.wake();
        assert_eq!((probe.polls(), probe.drops(), counter.wakes()), (1, 0, 1));
        assert!(poll_once(&mut future, &waker).is_ready());
        assert!(poll_once(&mut future, &waker).is_pending());
        drop(future);
        assert_eq!((probe.polls(), probe.late_polls(), probe.drops()), (3, 1, 1));
        probe.forget_waker();
        assert_eq!((counter.live(), Probe::polls_on_this_thread()), (1, 3));
    }
}
