//! One future, on the thread that calls.
//!
//! `block_on` polls a future until it is ready and returns its output. After `Pending` the thread
//! sleeps until the waker is called, which may happen on any thread, at any moment after `poll` has
//! begun. The future is not polled in a loop meanwhile.
//!
//! Sleep with the `park` imported here. It works like `std::thread::park`: it returns at once if
//! there is a token and takes it, and it may return although no waker was called. There is one token
//! for each thread, and the future may park and unpark the thread as well. So a token that you have
//! taken may have been meant for the future: give it back before you poll again.
//!
//! The tests run on one thread. They cannot check memory orderings, nor whether `wake` sets the flag
//! before it unparks. Both matter, and the page's section "Every order" shows a tool that checks them.
//!
//! Your task: `block_on`, and what its waker does. `Sleeper` may have more fields.
//!
//! Read first: the book, "Sleeping until woken".
//! Check with `cargo workshop check block_on`.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

// They work like those of `std::thread`, and the tests decide what happens while the thread is parked.
use testkit::parking::{Thread, current, park};

/// Polls `future` until it is ready. The thread sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let sleeper = Arc::new(Sleeper { thread: current(), woken: AtomicBool::new(true) });
    let waker = Waker::from(sleeper.clone());
    let mut parked = false;
    loop {
        // A thread that was not woken has nothing to poll for.
        if sleeper.woken.swap(false, Ordering::AcqRel) {
            if std::mem::take(&mut parked) {
                sleeper.thread.unpark();
            }
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
        } else {
            park();
            parked = true;
        }
    }
}

/// A thread that sleeps until its waker is called.
struct Sleeper {
    thread: Thread,
    /// Whether there is a reason to poll: at first there is.
    woken: AtomicBool,
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}
