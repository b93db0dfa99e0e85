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
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

// They work like those of `std::thread`, and the tests decide what happens while the thread is parked.
use testkit::parking::{Thread, current, park};

/// Polls `future` until it is ready. The thread sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    todo!("pin the future, make a waker, and poll: what do you wait for after Pending?")
}

/// A thread that sleeps until its waker is called.
struct Sleeper {
    thread: Thread,
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        todo!("the thread may be parked, or about to park, or in the middle of a poll")
    }
}
