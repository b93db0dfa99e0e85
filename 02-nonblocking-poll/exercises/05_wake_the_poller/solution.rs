//! Waking the poller.
//!
//! A thread that may block has done some work (it has read a file) for the event loop, which
//! sleeps in its poll. So the thread puts the result into an inbox, and wakes the loop; the loop
//! comes round, and takes what is there.
//!
//! A waker promises little. After `wake` the loop comes round once more: perhaps before `wake`
//! has returned. Several wakes may become one. And the loop may come round for another reason,
//! find an item for which nobody has woken it yet, or an empty inbox.
//!
//! A wake is a system call. So an item that finds others in the inbox comes without one of its
//! own: whoever sent the first of them has woken the loop, or is about to.
//!
//! Any number of threads may send while the loop takes. The tests come between, wherever a lock
//! is free: keep what both sides share under the `Mutex` that is imported here.

use std::collections::VecDeque;

// It works like `std::sync::Mutex`, and the tests see when it is held.
use testkit::WatchedMutex as Mutex;

// ANCHOR: inbox
/// Items on their way to the event loop.
pub struct Inbox<T> {
    /// Makes the event loop come round. In a server it calls `mio::Waker::wake`.
    wake: Box<dyn Fn() + Send + Sync>,
    /// When it is not empty, whoever filled it has woken the loop, or is about to.
    items: Mutex<VecDeque<T>>,
}

impl<T> Inbox<T> {
    /// An empty inbox of the event loop that `wake` wakes.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { wake: Box::new(wake), items: Mutex::new(VecDeque::new()) }
    }

    /// Puts an item into the inbox, and sees to it that the loop takes it. Called on any thread.
    pub fn send(&self, item: T) {
        let first = {
            let mut items = self.items.lock().expect("no thread panics while it holds this lock");
            items.push_back(item);
            items.len() == 1
        };
        // Now the item is there, and the lock is free: the loop may take it before we go on.
        if first {
            (self.wake)();
        }
    }

    /// All that is in the inbox, the oldest first; nothing, if nothing is there. Called by the loop
    /// whenever it comes round.
    pub fn take(&self) -> Vec<T> {
        let mut items = self.items.lock().expect("no thread panics while it holds this lock");
        items.drain(..).collect()
    }
}
// ANCHOR_END: inbox
