//! Lets other tasks have a turn.

use std::pin::Pin;
use std::task::{Context, Poll};

// ANCHOR: yield_now
/// A future that is `Pending` once, and wakes its task before it returns that. The executor may poll
/// other tasks first.
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// Made by [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
// ANCHOR_END: yield_now

#[cfg(test)]
mod tests {
    use testkit::{CountingWaker, assert_pending, assert_woken_once, poll_once};

    use super::*;

    #[test]
    fn it_is_pending_once_and_woken_by_itself() {
        let (counter, waker) = CountingWaker::new();
        let mut future = yield_now();
        assert_pending!(poll_once(&mut future, &waker));
        assert_woken_once!(counter);
        assert!(poll_once(&mut future, &waker).is_ready());
        assert_woken_once!(counter);
    }
}
