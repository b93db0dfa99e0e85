//! Remembers that the loop was woken, under the lock that guards the items.

// It works like `std::sync::Mutex`, and the tests see when it is held.
use testkit::WatchedMutex as Mutex;

/// Items on their way to the event loop.
pub struct Inbox<T> {
    wake: Box<dyn Fn() + Send + Sync>,
    state: Mutex<State<T>>,
}

struct State<T> {
    items: Vec<T>,
    /// Whether the loop was woken since it last took, or is about to be.
    is_woken: bool,
}

impl<T> Inbox<T> {
    /// An empty inbox of the event loop that `wake` wakes.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let state = State { items: Vec::new(), is_woken: false };
        Self { wake: Box::new(wake), state: Mutex::new(state) }
    }

    /// Puts an item into the inbox, and sees to it that the loop takes it.
    pub fn send(&self, item: T) {
        let mut state = self.state.lock().unwrap();
        state.items.push(item);
        let was_woken = std::mem::replace(&mut state.is_woken, true);
        drop(state);
        if !was_woken {
            (self.wake)();
        }
    }

    /// All that is in the inbox, the oldest first.
    pub fn take(&self) -> Vec<T> {
        let mut state = self.state.lock().unwrap();
        state.is_woken = false;
        std::mem::take(&mut state.items)
    }
}
