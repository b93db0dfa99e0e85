//! M70 · fails: a_take_comes_to_its_end

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;

// It works like `std::sync::Mutex`, and the tests see when it is held.
use testkit::WatchedMutex as Mutex;

/// Items on their way to the event loop.
pub struct Inbox<T> {
    /// Makes the event loop come round. In a server it calls `mio::Waker::wake`.
    wake: Box<dyn Fn() + Send + Sync>,
    items: Mutex<VecDeque<T>>,
}

impl<T> Inbox<T> {
    /// An empty inbox of the event loop that `wake` wakes.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { wake: Box::new(wake), items: Mutex::new(VecDeque::new()) }
    }

    pub fn send(&self, item: T) {
        let first = {
            let mut items = self.items.lock().unwrap();
            items.push_back(item);
            items.len() == 1
        };
        if first {
            (self.wake)();
        }
    }

    pub fn take(&self) -> Vec<T> {
        let mut all = Vec::new();
        loop {
            let some = std::mem::take(&mut *self.items.lock().unwrap());
            if some.is_empty() {
                return all;
            }
            all.extend(some);
        }
    }
}
