//! A leaf future: one that waits for something outside, and not for another future.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use tracing::trace;

use crate::slot::WakerSlot;
use crate::sync::AtomicBool;

// ANCHOR: event
/// Something that happens once, on any thread: the event of stage 02 without a poller. One future at
/// a time can wait for it, because the slot has room for one waker.
#[derive(Debug, Default)]
pub struct Event {
    happened: AtomicBool,
    slot: WakerSlot,
    /// Whether there is a [`Wait`].
    is_waited_for: AtomicBool,
}

impl Event {
    /// An event that has not happened.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Makes it happen, and wakes the task that waits for it.
    pub fn set(&self) {
        trace!("the event happens");
        // First the event, then the wake: the task that is woken must find it.
        self.happened.store(true, Ordering::Release);
        self.slot.wake();
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        self.happened.load(Ordering::Acquire)
    }
    // ANCHOR_END: event
    // ANCHOR: wait_fn
    /// A future that is ready once the event has happened.
    ///
    /// # Panics
    /// If there is another one that has not been dropped.
    /// # Cancel safety
    /// A future that is dropped leaves no waker behind.
    pub fn wait(self: &Arc<Self>) -> Wait {
        let taken = self.is_waited_for.swap(true, Ordering::AcqRel);
        assert!(!taken, "two futures wait for one event: its slot has room for one waker");
        Wait { event: self.clone() }
    }
    // ANCHOR_END: wait_fn
}

// ANCHOR: wait
/// Made by [`Event::wait`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct Wait {
    event: Arc<Event>,
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.event.is_set() {
            return Poll::Ready(());
        }
        self.event.slot.register(cx.waker());
        trace!("the event's slot holds the waker");
        // Look again: the event may have happened before the waker was there.
        if self.event.is_set() {
            self.event.slot.take();
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        // A waker may keep its task alive, and the task no longer waits.
        self.event.slot.take();
        self.event.is_waited_for.store(false, Ordering::Release);
    }
}
// ANCHOR_END: wait

#[cfg(test)]
mod tests {
    use testkit::{CountingWaker, HookWaker, assert_pending, assert_woken_once, poll_once};

    use super::*;

    #[test]
    fn waiting_wakes_nobody_and_the_event_wakes_once() {
        let (counter, waker) = CountingWaker::new();
        let event = Event::new();
        let mut wait = event.wait();
        assert_pending!(poll_once(&mut wait, &waker));
        assert_pending!(poll_once(&mut wait, &waker));
        assert_eq!((counter.wakes(), counter.clones()), (0, 1));
        event.set();
        event.set();
        assert_woken_once!(counter);
        assert!(poll_once(&mut wait, &waker).is_ready());
        assert_eq!(counter.live(), 1, "only the test's own waker is left");
    }

    #[test]
    fn an_event_that_happens_while_we_register_is_noticed() {
        let (counter, inner) = CountingWaker::new();
        let event = Event::new();
        let happening = event.clone();
        let waker = HookWaker::new(&inner).on_clone(move || happening.set()).waker();
        assert!(poll_once(&mut event.wait(), &waker).is_ready());
        drop(waker);
        assert_eq!(counter.live(), 1, "no waker is left in the slot");
    }

    #[test]
    #[should_panic = "two futures wait for one event"]
    fn a_second_wait_is_refused_because_it_would_take_the_firsts_place() {
        let event = Event::new();
        let _first = event.wait();
        let _second = event.wait();
    }

    #[test]
    fn a_wait_that_is_dropped_gives_its_waker_back() {
        let (counter, waker) = CountingWaker::new();
        let event = Event::new();
        let mut wait = event.wait();
        assert_pending!(poll_once(&mut wait, &waker));
        drop(wait);
        event.set();
        assert_eq!((counter.live(), counter.wakes()), (1, 0));
        assert!(poll_once(&mut event.wait(), &waker).is_ready(), "it can be waited for again");
    }
}
