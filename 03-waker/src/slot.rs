//! Where a waker is kept while its task waits.

use std::task::Waker;

use crate::sync::{Mutex, MutexGuard};

// ANCHOR: slot
/// A place for one waker, that of the task that waits.
///
/// The two sides share it. The side that waits calls [`register`](Self::register) and then checks
/// whether the event has happened; the side that makes the event happen calls
/// [`wake`](Self::wake) after it. Whichever comes first, the wake is not lost: see
/// "Lost wakes" in the book.
#[derive(Debug, Default)]
pub struct WakerSlot {
    /// The waker of the latest poll that returned `Pending`. None: no task waits, or it was woken.
    waker: Mutex<Option<Waker>>,
}

impl WakerSlot {
    /// An empty slot.
    pub fn new() -> Self {
        Self { waker: Mutex::new(None) }
    }
    // ANCHOR_END: slot

    // ANCHOR: register
    /// Keeps a clone of `waker`, in place of the one that was kept. It is not cloned if the kept one
    /// wakes the same task ([`Waker::will_wake`]).
    ///
    /// Check whether the event has happened *after* this call. An event between a check and this call
    /// finds no waker to wake.
    pub fn register(&self, waker: &Waker) {
        if self.lock().as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            return;
        }
        // Clone and drop of a waker run code that is not ours. It may use this slot again, so the
        // lock is not held meanwhile.
        let clone = waker.clone();
        let old = self.lock().replace(clone);
        drop(old);
    }
    // ANCHOR_END: register

    // ANCHOR: wake
    /// Takes the waker out.
    pub fn take(&self) -> Option<Waker> {
        self.lock().take()
    }

    /// Takes the waker out and wakes it. Does nothing if there is none.
    pub fn wake(&self) {
        // A binding of its own, so that the lock is released before foreign code runs.
        let waker = self.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
    // ANCHOR_END: wake

    fn lock(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waker.lock().expect("slot lock: nothing that panics runs while it is held")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use testkit::{CountingWaker, HookWaker};

    use super::*;

    #[test]
    fn the_latest_waker_is_woken_and_only_once() {
        let (old, old_waker) = CountingWaker::new();
        let (new, new_waker) = CountingWaker::new();
        let slot = WakerSlot::new();
        slot.register(&old_waker);
        slot.register(&new_waker);
        slot.wake();
        slot.wake();
        assert_eq!((old.wakes(), new.wakes()), (0, 1));
        assert_eq!(old.live(), 1, "the old clone was dropped: only the test's waker is left");
    }

    #[test]
    fn the_same_waker_is_not_cloned_again() {
        let (counter, waker) = CountingWaker::new();
        let slot = WakerSlot::new();
        slot.register(&waker);
        slot.register(&waker);
        assert_eq!(counter.clones(), 1);
    }

    #[test]
    fn foreign_code_finds_the_lock_free() {
        let slot = Arc::new(WakerSlot::new());
        let checked = || {
            let (_, inner) = CountingWaker::new();
            let free = || {
                let slot = slot.clone();
                move || assert!(slot.waker.try_lock().is_ok(), "foreign code runs under the lock")
            };
            HookWaker::new(&inner).on_clone(free()).on_wake(free()).on_drop(free()).waker()
        };
        // Its clone is the first of it that is dropped: when it is replaced.
        let replaced = checked();
        slot.register(&replaced);
        let woken = checked();
        slot.register(&woken);
        slot.wake();
    }
}
