//! A bell for a task that moves.
//!
//! `Bell::ring` may be called on any thread, at any moment. A ring is kept until a `Listen` hears it.
//! Several rings that were not heard before are heard as one. One task listens, with one `Listen` at a
//! time.
//!
//! The task may move from one executor to another while it waits: each poll may come with another
//! waker. The bell keeps only the latest one, and drops the one before. Most polls come with the same
//! waker as the poll before them: a waker that is kept already must not be cloned again.
//!
//! `wake`, `clone` and `drop` of a waker run code that is not yours. It may ring the bell or poll the
//! task at once, so call none of the three while you hold the lock; `will_wake` only compares. A task
//! that is polled inside `wake` must find the bell rung. And a bell may live long: when the task is not
//! waiting, the bell must not hold its waker.
//!
//! Your task: `Bell::ring` and `Listen::poll`. Keep what both share under the `Mutex` below.
//!
//! Read first: the book, "Lost wakes", the section "Wakers go stale".
//! Check with `cargo workshop check stale_waker`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

// Its one method is `lock`, as in `std::sync::Mutex`. Keep it: the tests see when it is held.
use testkit::WatchedMutex as Mutex;

/// A bell. Its clones are the same bell.
#[derive(Clone, Default)]
pub struct Bell {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// It has rung, and no `Listen` has heard it.
    has_rung: bool,
    /// The latest waker of the task that listens. None: it does not wait, or was woken.
    listener: Option<Waker>,
}

impl Bell {
    /// Rings, and wakes the task that listens.
    pub fn ring(&self) {
        todo!("what must be done before the wake, and what must be over?")
    }

    /// A future that is ready at the next ring that it hears.
    pub fn listen(&self) -> Listen {
        Listen { bell: self.clone() }
    }
}

/// Made by [`Bell::listen`].
pub struct Listen {
    bell: Bell,
}

impl Future for Listen {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        todo!("has it rung? if not, is the waker that is kept still the one to wake?")
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        let mut state = self.bell.state.lock().expect("nothing panics under this lock");
        let listener = state.listener.take();
        drop(state);
        // The lock has been released: the end of the last waker may drop the task.
        drop(listener);
    }
}
