//! Runs one future on the calling thread, which sleeps while the future waits.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker};

use tracing::trace;

use crate::sync::{AtomicBool, Thread, thread};

// ANCHOR: block_on
/// Polls `future` until it is ready. Between two polls the thread is parked, until the waker is
/// called: from another thread, or from inside the poll.
///
/// The future may use the thread's park token as well, and may call `block_on` itself. After a sleep
/// the token is left available, so the next `park` of this thread may return at once. If nothing ever
/// wakes the future, this never returns.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let sleeper = Arc::new(Sleeper::new(thread::current()));
    let waker = Waker::from(sleeper.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        sleeper.sleep_until_woken();
    }
}
// ANCHOR_END: block_on

// ANCHOR: sleeper
/// The thread behind a waker. A wake lets the thread run.
#[derive(Debug)]
pub struct Sleeper {
    thread: Thread,
    /// Whether it was woken since it last continued. The park token alone is not enough: it belongs to the
    /// thread, and any code on the thread may take it.
    woken: AtomicBool,
}

impl Sleeper {
    /// A sleeper that has not been woken.
    pub fn new(thread: Thread) -> Self {
        Self { thread, woken: AtomicBool::new(false) }
    }
    // ANCHOR_END: sleeper

    // ANCHOR: sleep
    /// Parks the thread, which must be the sleeper's own, until the next wake. Returns at once if it
    /// was woken since the last call.
    pub fn sleep_until_woken(&self) {
        let mut parked = false;
        // `park` may return for other reasons than our wake (std::thread::park): so check the flag.
        while !self.woken.swap(false, Ordering::Acquire) {
            if !parked {
                trace!("parks the thread");
            }
            thread::park();
            parked = true;
        }
        if parked {
            trace!("is unparked");
            // The token that we took may have been meant for code inside the future: give it back.
            self.thread.unpark();
        }
    }
    // ANCHOR_END: sleep
}

// ANCHOR: wake
impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        trace!("wakes the thread that waits");
        // First the flag, then the token: a thread that returns from `park` must find the flag set.
        if !self.woken.swap(true, Ordering::Release) {
            self.thread.unpark();
        }
    }
}
// ANCHOR_END: wake

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::thread;

    use super::*;

    #[test]
    fn a_future_that_wakes_itself_is_polled_again_and_one_that_is_ready_is_not() {
        let polls = Cell::new(0);
        let output = block_on(poll_fn(|cx| {
            polls.set(polls.get() + 1);
            cx.waker().wake_by_ref();
            if polls.get() == 3 { Poll::Ready("done") } else { Poll::Pending }
        }));
        assert_eq!((output, polls.get()), ("done", 3));
    }

    #[test]
    fn a_wake_from_another_thread_ends_the_sleep() {
        let mut started = false;
        block_on(poll_fn(|cx| {
            if std::mem::replace(&mut started, true) {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake());
            Poll::Pending
        }));
    }

    #[test]
    fn a_token_that_the_future_takes_loses_no_wake() {
        let mut started = false;
        block_on(poll_fn(|cx| {
            if std::mem::replace(&mut started, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            thread::park();
            Poll::Pending
        }));
    }

    #[test]
    fn a_token_that_was_meant_for_the_future_is_given_back() {
        let mut polls = 0;
        block_on(poll_fn(|cx| {
            polls += 1;
            if polls == 2 {
                // Hangs if the token of the first poll is gone.
                thread::park();
                return Poll::Ready(());
            }
            let (waker, sleeper) = (cx.waker().clone(), thread::current());
            sleeper.unpark();
            // If it comes late, we have parked with the future's token: the models try both orders.
            thread::spawn(move || waker.wake());
            Poll::Pending
        }));
    }

    #[test]
    fn block_on_inside_block_on_wakes_the_right_one() {
        let answer = block_on(async {
            let inner = block_on(async {
                crate::yield_now::yield_now().await;
                40
            });
            crate::yield_now::yield_now().await;
            inner + 2
        });
        assert_eq!(answer, 42);
    }
}
