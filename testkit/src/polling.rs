//! Polling by hand.

use std::fmt::Arguments;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use crate::wakers::CountingWaker;

/// What there is to say of a task that is lost.
pub const STUCK: &str =
    "returned Pending and nothing holds its waker: nobody will ever poll this again";

/// Polls once. A future that is not `Unpin` is polled through its pin: `poll_once(&mut pinned, …)`.
pub fn poll_once<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Asserts that a poll is `Pending`. More arguments are the message.
#[macro_export]
macro_rules! assert_pending {
    ($poll:expr $(,)?) => {
        $crate::assert_pending!($poll, "returned Ready, and what it waits for has not happened")
    };
    ($poll:expr, $($message:tt)+) => {
        assert!(::std::task::Poll::is_pending(&$poll), $($message)+)
    };
}

/// Asserts that a [`CountingWaker`] was woken once since it was made. More arguments are the message.
#[macro_export]
macro_rules! assert_woken_once {
    ($counter:expr $(,)?) => {
        assert_eq!($counter.wakes(), 1, "the task must be woken once")
    };
    ($counter:expr, $($message:tt)+) => {
        assert_eq!($counter.wakes(), 1, $($message)+)
    };
}

/// How many polls may follow each other without an event between them.
const RESTLESS: usize = 100;

/// Runs a future as an executor does: it is polled again only when it was woken. While it waits,
/// `event` is called, which makes the next thing happen that the test has planned, and returns false
/// when there is nothing left.
///
/// # Panics
/// If the future waits and nothing holds its waker ([`STUCK`]); if it waits and all events have
/// happened; if it is polled more than a hundred times without an event. All of them happen on this
/// thread: a wake that is still on its way from another one would be taken for a lost one.
pub fn drive<F: Future>(future: F, mut event: impl FnMut() -> bool) -> F::Output {
    let fail = |why: Arguments<'_>| -> ! { panic!("the future {why}") };
    let mut future = pin!(future);
    let (counter, waker) = CountingWaker::new();
    let mut restless = 0;
    loop {
        let before = counter.wakes();
        if let Poll::Ready(output) = poll_once(&mut future, &waker) {
            return output;
        }
        restless += 1;
        if restless > RESTLESS {
            fail(format_args!(
                "was polled more than {RESTLESS} times while nothing happened: it wakes itself in place of waiting"
            ));
        }
        while counter.wakes() == before {
            restless = 0;
            if counter.live() == 1 {
                fail(format_args!("{STUCK}"));
            }
            if !event() {
                fail(format_args!(
                    "waits, and all that could wake it has happened: a wake was lost"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::{pending, poll_fn};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn message<F: Future>(future: F) -> String {
        let failed = catch_unwind(AssertUnwindSafe(|| drive(future, || false)));
        failed.err().expect("it fails").downcast_ref::<String>().expect("with words").clone()
    }

    #[test]
    fn a_future_that_keeps_its_waker_is_polled_after_each_wake() {
        let kept: RefCell<Option<Waker>> = RefCell::new(None);
        let mut polls = 0;
        let future = poll_fn(|cx| {
            polls += 1;
            kept.replace(Some(cx.waker().clone()));
            if polls == 3 { Poll::Ready(polls) } else { Poll::Pending }
        });
        let wake = || {
            kept.take().is_some_and(|waker| {
                waker.wake();
                true
            })
        };
        assert_eq!(drive(future, wake), 3);
    }

    #[test]
    fn each_way_to_be_lost_is_told() {
        assert_eq!(message(pending::<()>()), format!("the future {STUCK}"));
        let kept = RefCell::new(None);
        let waits = poll_fn(|cx| {
            kept.replace(Some(cx.waker().clone()));
            Poll::<()>::Pending
        });
        assert!(message(waits).contains("a wake was lost"));
        let restless = poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        assert!(message(restless).contains("wakes itself"));
    }
}
