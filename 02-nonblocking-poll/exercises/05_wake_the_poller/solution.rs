//! Waking the poller.
//!
//! A thread that may block has done some work for the event loop, such as reading a file. The loop
//! sleeps in its poll. So the thread puts the result into an inbox, and wakes the loop; the loop
//! comes round, and takes what is there.
//!
//! A waker promises little. After `wake` the loop comes round once more, perhaps before `wake` has
//! returned. Several wakes may become one. And the loop may come round for another reason, and find
//! an empty inbox, or an item for which no wake has come yet.
//!
//! A wake is a system call. So only an item that finds the inbox empty brings one: for an item that
//! finds others there, the thread that sent the first of them has woken the loop, or is about to.
//!
//! Any number of threads may send while the loop takes. The tests let another thread run wherever a
//! lock is free. So keep what both sides share under the `Mutex` that is imported here.

use std::collections::VecDeque;

// It works like `std::sync::Mutex`, and the tests see when it is held.
use testkit::WatchedMutex as Mutex;

// ANCHOR: inbox
/// Items on their way to the event loop.
pub struct Inbox<T> {
    /// Makes the event loop come round. In a server it calls `mio::Waker::wake`.
    wake: Box<dyn Fn() + Send + Sync>,
    /// When it is not empty, the thread that sent the first item has woken the loop, or is about to.
    items: Mutex<VecDeque<T>>,
}

impl<T> Inbox<T> {
    /// An empty inbox of the event loop that `wake` wakes.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { wake: Box::new(wake), items: Mutex::new(VecDeque::new()) }
    }

    /// Puts an item into the inbox, and makes sure that the loop takes it. Called on any thread.
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

    /// All that is in the inbox, the oldest first; nothing if it is empty. Called by the loop whenever
    /// it comes round.
    pub fn take(&self) -> Vec<T> {
        let mut items = self.items.lock().expect("no thread panics while it holds this lock");
        items.drain(..).collect()
    }
}
// ANCHOR_END: inbox
