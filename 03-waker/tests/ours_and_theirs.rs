//! The contract is the same everywhere: futures of the `futures` crate run in our `block_on`, ours in
//! theirs, and `Unordered` polls as rarely as `FuturesUnordered`.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

use futures::stream::FuturesUnordered;
use testkit::CountingWaker;
use waker::WakerSlot;
use waker::stream::Stream;
use waker::unordered::Unordered;
use waker::yield_now::yield_now;

#[test]
fn each_runs_in_the_others_block_on() {
    let theirs = futures::future::join(async { 1 }, async {
        yield_now().await;
        2
    });
    assert_eq!(waker::block_on(theirs), (1, 2));
    let ours = waker::join::join(futures::future::ready(1), async {
        yield_now().await;
        2
    });
    assert_eq!(futures::executor::block_on(ours), (1, 2));
}

#[test]
fn both_poll_a_child_twice_when_it_waits_once() {
    const CHILDREN: usize = 100;
    let slots: Vec<_> = (0..CHILDREN).map(|_| WakerSlot::new()).collect();
    let polls = Cell::new(0);
    let children = || {
        slots.iter().map(|slot| {
            let polls = &polls;
            let mut waited = false;
            poll_fn(move |cx| {
                polls.set(polls.get() + 1);
                if waited {
                    return Poll::Ready(());
                }
                waited = true;
                slot.register(cx.waker());
                Poll::Pending
            })
        })
    };
    let (_, waker) = CountingWaker::new();
    let mut cx = Context::from_waker(&waker);

    let mut ours = pin!(children().collect::<Unordered<_>>());
    assert!(ours.as_mut().poll_next(&mut cx).is_pending());
    for slot in &slots {
        slot.wake();
        assert!(ours.as_mut().poll_next(&mut cx).is_ready());
    }
    let of_ours = polls.replace(0);

    let mut theirs = pin!(children().collect::<FuturesUnordered<_>>());
    assert!(futures::Stream::poll_next(theirs.as_mut(), &mut cx).is_pending());
    for slot in &slots {
        slot.wake();
        assert!(futures::Stream::poll_next(theirs.as_mut(), &mut cx).is_ready());
    }
    assert_eq!((of_ours, polls.get()), (2 * CHILDREN, 2 * CHILDREN));
}
