//! A channel for one value.
//!
//! The `Sender` sends one value or none, from any thread; the `Receiver` is a future. Either may be
//! dropped first:
//! - A value that was sent is received, and sending it wakes the task that waits, once. If the sender
//!   is dropped without sending, the receiver gets `Canceled`, and the drop wakes the task, once. A
//!   receiver that was ready is not polled again.
//! - If the receiver is dropped first, `send` gives the value back. No waker stays in the channel when
//!   the receiver is dropped while its task waits, and none when it is ready.
//! - What a waker or a value does in its `clone`, `wake` or `drop` is not your code: none of it may run
//!   while you hold the lock. All that both sides share stays under the `Mutex` imported here.
//! - Both sides may act at the same time. A thread that releases the lock and takes it again may find
//!   a different state.
//!
//! Your task: `send`, `poll` and both `drop`s. The state is given.
//!
//! Read first: the book, "Lost wakes".
//! Check with `cargo workshop check oneshot`.

use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

// The one method is `lock`, as in `std::sync::Mutex`. Keep them: the tests see when it is held.
use testkit::{WatchedGuard as MutexGuard, WatchedMutex as Mutex};

/// The two ends of a new channel.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let sender = Sender { shared: Arc::default() };
    let receiver = Receiver { shared: sender.shared.clone() };
    (sender, receiver)
}

/// The sender is gone, and has sent nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canceled;

/// The end that sends.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

/// The end that receives: a future.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    /// Sent, and not received yet.
    value: Option<T>,
    is_sender_gone: bool,
    is_receiver_gone: bool,
    /// The waker of the latest poll that returned `Pending`.
    waiter: Option<Waker>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        let (is_sender_gone, is_receiver_gone) = (false, false);
        let state = State { value: None, is_sender_gone, is_receiver_gone, waiter: None };
        Self { state: Mutex::new(state) }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Also after a panic: `drop` comes here while a panic unwinds, and must not panic as well.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Sender<T> {
    /// Sends `value`, and wakes the task that waits for it.
    ///
    /// # Errors
    /// If the receiver is gone: the value.
    pub fn send(self, value: T) -> Result<(), T> {
        let waiter = {
            let mut state = self.shared.lock();
            if state.is_receiver_gone {
                return Err(value);
            }
            state.value = Some(value);
            state.waiter.take()
        };
        // The lock has been released: what a wake runs may need it.
        if let Some(waiter) = waiter {
            waiter.wake();
        }
        Ok(())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waiter = {
            let mut state = self.shared.lock();
            state.is_sender_gone = true;
            // Empty after a `send`, which has woken the task.
            state.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, Canceled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Before the lock: cloning a waker runs code that is not ours.
        let waker = cx.waker().clone();
        let mut state = self.shared.lock();
        // First the value: a sender that has sent is gone as well.
        if let Some(value) = state.value.take() {
            return Poll::Ready(Ok(value));
        }
        if state.is_sender_gone {
            return Poll::Ready(Err(Canceled));
        }
        let old = state.waiter.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let waiter = {
            let mut state = self.shared.lock();
            state.is_receiver_gone = true;
            state.waiter.take()
        };
        drop(waiter);
    }
}
