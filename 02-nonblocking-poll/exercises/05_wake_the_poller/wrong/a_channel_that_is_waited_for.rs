//! M63 · fails: an_empty_inbox_is_not_waited_for

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender};

use testkit::WatchedMutex as Mutex;

/// Items on their way to the event loop.
pub struct Inbox<T> {
    /// Makes the event loop come round. In a server it calls `mio::Waker::wake`.
    wake: Box<dyn Fn() + Send + Sync>,
    sender: Sender<T>,
    receiver: Mutex<Receiver<T>>,
}

impl<T> Inbox<T> {
    /// An empty inbox of the event loop that `wake` wakes.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (sender, receiver) = mpsc::channel();
        Self { wake: Box::new(wake), sender, receiver: Mutex::new(receiver) }
    }

    /// Puts an item into the inbox, and sees to it that the loop takes it. Called on any thread.
    pub fn send(&self, item: T) {
        self.sender.send(item).unwrap();
        (self.wake)();
    }

    /// All that is in the inbox, the oldest first; nothing, if nothing is there. Called by the loop
    /// whenever it comes round.
    pub fn take(&self) -> Vec<T> {
        let receiver = self.receiver.lock().unwrap();
        let mut items = vec![receiver.recv().unwrap()];
        items.extend(receiver.try_iter());
        items
    }
}
