//! How many connections there are, and when the last one ends.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::waiters::Waiters;

// ANCHOR: connections
/// Counts the connections of a server. Its clones count the same ones.
#[derive(Debug, Clone)]
pub struct Connections {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    max: usize,
    open: Mutex<usize>,
    waiters: Waiters,
}
// ANCHOR_END: connections

/// A connection that is counted until this is dropped: keep it in the connection's task.
#[derive(Debug)]
pub struct Place {
    shared: Arc<Shared>,
}

impl Connections {
    /// No connection yet, and up to `max` at once.
    pub fn up_to(max: usize) -> Self {
        let waiters = Waiters::new();
        Self { shared: Arc::new(Shared { max, open: Mutex::new(0), waiters }) }
    }

    /// How many there are.
    pub fn open(&self) -> usize {
        *self.shared.lock()
    }

    // ANCHOR: wait
    /// Waits until there is room for one more, and counts it.
    ///
    /// # Cancel safety
    /// If it is dropped, nothing was counted.
    pub async fn place(&self) -> Place {
        let take = || {
            let mut open = self.shared.lock();
            let has_room = *open < self.shared.max;
            *open += usize::from(has_room);
            has_room.then_some(())
        };
        self.shared.waiters.until(take).await;
        Place { shared: self.shared.clone() }
    }

    /// Waits until there are none.
    ///
    /// # Cancel safety
    /// If it is dropped, nothing is lost.
    pub async fn ended(&self) {
        self.shared.waiters.until(|| (self.open() == 0).then_some(())).await;
    }
    // ANCHOR_END: wait
}

// ANCHOR: drop
impl Drop for Place {
    fn drop(&mut self) {
        *self.shared.lock() -= 1;
        self.shared.waiters.wake_all();
    }
}
// ANCHOR_END: drop

impl Shared {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.open.lock().expect("connections lock: nothing that panics runs while it is held")
    }
}
