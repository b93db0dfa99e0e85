//! A limit on how many threads do one thing at a time.

use std::sync::{Arc, Condvar, Mutex};

/// A number of slots. Clones share them.
#[derive(Clone)]
pub(super) struct Slots(Arc<(Mutex<usize>, Condvar)>);

/// One slot, given back when dropped.
pub(super) struct Slot(Slots);

const NO_PANIC: &str = "nothing panics while counting slots";

impl Slots {
    pub(super) fn new(count: usize) -> Self {
        Self(Arc::new((Mutex::new(count), Condvar::new())))
    }

    /// Blocks until there is a free slot.
    pub(super) fn take(&self) -> Slot {
        let (free, freed) = &*self.0;
        let free = free.lock().expect(NO_PANIC);
        *freed.wait_while(free, |free| *free == 0).expect(NO_PANIC) -= 1;
        Slot(self.clone())
    }

    /// None when no slot is free.
    pub(super) fn try_take(&self) -> Option<Slot> {
        let mut free = self.0.0.lock().expect(NO_PANIC);
        *free = free.checked_sub(1)?;
        Some(Slot(self.clone()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let (free, freed) = &*self.0.0;
        *free.lock().expect(NO_PANIC) += 1;
        freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_slot_is_free_again() {
        let slots = Slots::new(1);
        let slot = slots.take();
        assert!(slots.try_take().is_none());
        drop(slot);
        assert!(slots.try_take().is_some());
    }

    #[test]
    fn a_slot_that_is_given_back_goes_to_who_waits_for_it() {
        let slots = Slots::new(1);
        let slot = slots.take();
        let waits = std::thread::spawn(move || drop(slots.take()));
        drop(slot);
        waits.join().unwrap();
    }
}
