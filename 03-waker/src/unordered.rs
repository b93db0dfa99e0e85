//! Many futures in one task, each with a waker of its own: only those that were woken are polled.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker};

use crate::slot::WakerSlot;
use crate::stream::Stream;
use crate::sync::{AtomicBool, Mutex, MutexGuard};

// ANCHOR: unordered
/// A stream of the outputs of many futures, in the order in which they become ready. What
/// `futures::stream::FuturesUnordered` does, with fewer tricks.
///
/// # Panics
/// If a child panics. It stays, and is polled again if it is woken.
///
/// # Cancel safety
/// When it is dropped, it drops all that are not ready.
#[derive(Debug)]
#[must_use = "streams do nothing unless they are polled"]
pub struct Unordered<F> {
    children: Vec<Option<Child<F>>>,
    /// How many of them are not ready.
    running: usize,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Child<F> {
    future: Pin<Box<F>>,
    wake: Arc<ChildWake>,
    /// Made of `wake`, once: a poll does not allocate.
    waker: Waker,
}
// ANCHOR_END: unordered

// ANCHOR: child_wake
/// What the wakers of all children share.
#[derive(Debug, Default)]
struct Shared {
    /// The children that were woken and not polled since, by number; each at most once.
    woken: Mutex<VecDeque<usize>>,
    /// The task that polls us.
    parent: WakerSlot,
}

/// The waker of one child. It notes which child was woken, and wakes the task.
#[derive(Debug)]
struct ChildWake {
    number: usize,
    /// Whether `number` is in `woken`.
    queued: AtomicBool,
    shared: Arc<Shared>,
}

impl Wake for ChildWake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Release) {
            self.shared.woken().push_back(self.number);
            self.shared.parent.wake();
        }
    }
}
// ANCHOR_END: child_wake

impl Shared {
    fn woken(&self) -> MutexGuard<'_, VecDeque<usize>> {
        self.woken.lock().expect("queue of the woken: nothing panics while it is held")
    }
}

impl<F: Future> FromIterator<F> for Unordered<F> {
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let shared = Arc::new(Shared::default());
        let child = |(number, future)| {
            let queued = AtomicBool::new(true);
            let wake = Arc::new(ChildWake { number, queued, shared: shared.clone() });
            let waker = Waker::from(wake.clone());
            Some(Child { future: Box::pin(future), wake, waker })
        };
        let children: Vec<_> = futures.into_iter().enumerate().map(child).collect();
        // The first poll needs no wake: all are due.
        shared.woken().extend(0..children.len());
        Self { running: children.len(), children, shared }
    }
}

// ANCHOR: poll_next
impl<F: Future> Stream for Unordered<F> {
    type Item = F::Output;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.get_mut();
        // Register, then look into the queue.
        this.shared.parent.register(cx.waker());
        // A child that always wakes itself must not keep us here for ever.
        for _ in 0..this.children.len() {
            let next = this.shared.woken().pop_front();
            let Some(number) = next else { break };
            let slot = &mut this.children[number];
            // It was woken again after its last poll.
            let Some(child) = slot else { continue };
            // Before the poll: a wake during it must queue the child again. And a swap, not a store: a
            // waker that found the flag set has announced something that this poll must see.
            child.wake.queued.swap(false, Ordering::Acquire);
            if let Poll::Ready(output) =
                child.future.as_mut().poll(&mut Context::from_waker(&child.waker))
            {
                *slot = None;
                this.running -= 1;
                return Poll::Ready(Some(output));
            }
        }
        if this.running == 0 {
            this.shared.parent.take();
            return Poll::Ready(None);
        }
        // If a child is in the queue again, its wake came after `register`, and has woken this task.
        Poll::Pending
    }
}
// ANCHOR_END: poll_next

impl<F> Drop for Unordered<F> {
    fn drop(&mut self) {
        // A child's waker that is still held somewhere must not keep the task alive.
        self.shared.parent.take();
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};

    use testkit::{CountingWaker, assert_pending};

    use super::*;
    use crate::stream::next;
    use crate::yield_now::yield_now;

    fn poll<F: Future>(unordered: &mut Unordered<F>, waker: &Waker) -> Poll<Option<F::Output>> {
        Pin::new(unordered).poll_next(&mut Context::from_waker(waker))
    }

    #[test]
    fn only_the_child_that_was_woken_is_polled() {
        let (counter, waker) = CountingWaker::new();
        let polls: [_; 3] = std::array::from_fn(|_| std::cell::Cell::new(0));
        let slots: [_; 3] = std::array::from_fn(|_| WakerSlot::new());
        let child = |number: usize| {
            let (polls, slot) = (&polls[number], &slots[number]);
            poll_fn(move |cx| {
                polls.set(polls.get() + 1);
                slot.register(cx.waker());
                if polls.get() == 2 { Poll::Ready(number) } else { Poll::Pending }
            })
        };
        let mut unordered: Unordered<_> = (0..3).map(child).collect();
        assert_pending!(poll(&mut unordered, &waker));
        assert_eq!(counter.wakes(), 0);
        slots[1].wake();
        slots[1].wake();
        assert_eq!(counter.wakes(), 1);
        assert_eq!(poll(&mut unordered, &waker), Poll::Ready(Some(1)));
        assert_eq!(polls.each_ref().map(|polls| polls.get()), [1, 2, 1]);
    }

    #[test]
    fn all_outputs_come_and_then_the_end() {
        let children = (0..3).map(|number| async move {
            for _ in number..3 {
                yield_now().await;
            }
            number
        });
        let mut unordered: Unordered<_> = children.collect();
        let all = crate::block_on(async {
            let mut all = Vec::new();
            while let Some(output) = next(&mut unordered).await {
                all.push(output);
            }
            all
        });
        assert_eq!(all, [2, 1, 0]);
    }

    #[test]
    fn a_child_that_always_wakes_itself_lets_the_task_return() {
        let (counter, waker) = CountingWaker::new();
        let restless = poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let mut unordered: Unordered<_> = [restless].into_iter().collect();
        assert_pending!(poll(&mut unordered, &waker));
        assert_eq!(counter.wakes(), 1, "there is more to do");
    }

    #[test]
    fn a_waker_of_a_child_that_outlives_the_whole_holds_no_task() {
        let (counter, waker) = CountingWaker::new();
        let kept = std::cell::Cell::new(None);
        let child = poll_fn(|cx| {
            kept.set(Some(cx.waker().clone()));
            Poll::<()>::Pending
        });
        let mut unordered: Unordered<_> = [child].into_iter().collect();
        assert_pending!(poll(&mut unordered, &waker));
        drop(unordered);
        assert_eq!(counter.live(), 1);
        kept.take().expect("it was polled").wake();
        assert_eq!(counter.wakes(), 0);
    }

    #[test]
    fn nothing_ends_at_once_and_a_child_that_waits_keeps_it_open() {
        let mut none: Unordered<std::future::Pending<()>> = [].into_iter().collect();
        assert_eq!(poll(&mut none, Waker::noop()), Poll::Ready(None));
        let mut one: Unordered<_> = [pending::<()>()].into_iter().collect();
        assert_pending!(poll(&mut one, Waker::noop()));
    }
}
