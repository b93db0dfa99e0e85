//! M63 · fails: one_wake_may_stand_for_many_items

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;

// It works like `std::sync::Mutex`, and the tests see when it is held.
use testkit::WatchedMutex as Mutex;

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
            let mut items = self.items.lock().expect("nobody panics under this lock");
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
        let mut items = self.items.lock().expect("nobody panics under this lock");
        let turn = items.len().min(64);
        items.drain(..turn).collect()
    }
}
