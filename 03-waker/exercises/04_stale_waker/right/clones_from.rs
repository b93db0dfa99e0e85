//! A bell for a task that moves.
//!
//! `Bell::ring` may be called on any thread, at any moment. A ring that nobody waits for is kept
//! until the next `Listen` hears it; several of them are one. One task listens.
//!
//! The task may move from one executor to another while it waits: each poll may come with another
//! waker, and only the latest counts. More often it comes with the same, and many times: a waker
//! that is kept already must not be cloned again.
//!
//! A wake runs code that is not yours. It may poll the task at once, inside of `wake`, so it
//! must find the bell rung and the lock free. And a bell lives long: when the task is not
//! waiting, the bell must not hold its waker.
//!
//! Your task: `Bell::ring` and `Listen::poll`. Keep what both share under the `Mutex` below.
//!
//! Read first: the book, "Lost wakes", the section "Wakers go stale".
//! Check with `cargo workshop check stale_waker`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

// It works like `std::sync::Mutex`, and the tests see when it is held.
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
        let mut state = self.state.lock().expect("nothing panics under this lock");
        state.has_rung = true;
        let listener = state.listener.take();
        drop(state);
        listener.into_iter().for_each(Waker::wake);
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
        let mut state = self.bell.state.lock().expect("nothing panics under this lock");
        if std::mem::take(&mut state.has_rung) {
            state.listener = None;
            return Poll::Ready(());
        }
        match &mut state.listener {
            Some(kept) => kept.clone_from(cx.waker()),
            None => state.listener = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        let mut state = self.bell.state.lock().expect("nothing panics under this lock");
        let listener = state.listener.take();
        drop(state);
        // The lock has been given back: the last waker of a task drops the task.
        drop(listener);
    }
}
