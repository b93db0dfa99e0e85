//! A gate that opens once.
//!
//! `Gate::open` may be called on any thread, at any moment, even while `poll` below is running. The
//! task that waits must learn of it then, because the gate will not be opened a second time.
//!
//! One task waits at a gate. It may move: each poll may come with another waker, and the latest is
//! the one to wake.
//!
//! The tests open the gate at each moment of `poll` at which another thread could have the lock. So
//! keep all that both sides share under the `Mutex` that is imported here.
//!
//! Your task: `Wait::poll`.
//!
//! Read first: the book, "Lost wakes".
//! Check with `cargo workshop check lost_wake`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

// It works like `std::sync::Mutex`, and the tests see when it is held.
use testkit::WatchedMutex as Mutex;

/// A gate. Its clones are the same gate.
#[derive(Clone, Default)]
pub struct Gate {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    is_open: bool,
    /// The waker of the task that waits. None: no task waits.
    waiter: Option<Waker>,
}

impl Gate {
    /// Opens the gate, and wakes the task that waits.
    pub fn open(&self) {
        let waiter = {
            let mut state = self.state.lock().expect("nothing panics under this lock");
            state.is_open = true;
            state.waiter.take()
        };
        // The lock has been released: what a wake runs may need it.
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// A future that is ready once the gate is open.
    pub fn wait(&self) -> Wait {
        Wait { gate: self.clone() }
    }
}

/// Made by [`Gate::wait`].
pub struct Wait {
    gate: Gate,
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_open() {
            return Poll::Ready(());
        }
        let old = self.replace(Some(cx.waker().clone()));
        drop(old);
        // Look again: the gate may have opened before our waker was there.
        if self.is_open() {
            let own = self.replace(None);
            drop(own);
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl Wait {
    fn is_open(&self) -> bool {
        self.gate.state.lock().expect("nothing panics under this lock").is_open
    }

    fn replace(&self, waiter: Option<Waker>) -> Option<Waker> {
        let mut state = self.gate.state.lock().expect("nothing panics under this lock");
        std::mem::replace(&mut state.waiter, waiter)
    }
}
