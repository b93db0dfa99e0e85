//! M74 · fails: the_loop_comes_between_while_an_item_is_sent

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use testkit::WatchedMutex as Mutex;

/// Items on their way to the event loop.
pub struct Inbox<T> {
    /// Makes the event loop come round. In a server it calls `mio::Waker::wake`.
    wake: Box<dyn Fn() + Send + Sync>,
    items: Mutex<VecDeque<T>>,
    woken: AtomicBool,
}

impl<T> Inbox<T> {
    /// An empty inbox of the event loop that `wake` wakes.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            wake: Box::new(wake),
            items: Mutex::new(VecDeque::new()),
            woken: AtomicBool::new(false),
        }
    }

    /// Puts an item into the inbox, and sees to it that the loop takes it. Called on any thread.
    pub fn send(&self, item: T) {
        self.items.lock().unwrap().push_back(item);
        if !self.woken.swap(true, Ordering::SeqCst) {
            (self.wake)();
        }
    }

    /// All that is in the inbox, the oldest first; nothing, if nothing is there. Called by the loop
    /// whenever it comes round.
    pub fn take(&self) -> Vec<T> {
        let mut items = self.items.lock().unwrap();
        if items.is_empty() {
            return Vec::new();
        }
        self.woken.store(false, Ordering::SeqCst);
        items.drain(..).collect()
    }
}
