//! An atomic flag that lets a test come between two of its operations.

use std::sync::atomic::Ordering;

use crate::WatchedAtomicUsize;

/// `std::sync::atomic::AtomicBool`, seen by the test as a [`WatchedAtomicUsize`] is.
#[derive(Debug, Default)]
pub struct WatchedAtomicBool {
    /// 0 or 1.
    word: WatchedAtomicUsize,
}

impl WatchedAtomicBool {
    /// An atomic that holds `value`.
    pub const fn new(value: bool) -> Self {
        Self { word: WatchedAtomicUsize::new(value as usize) }
    }

    /// As with std.
    pub fn load(&self, order: Ordering) -> bool {
        self.word.load(order) != 0
    }

    /// As with std.
    pub fn store(&self, value: bool, order: Ordering) {
        self.word.store(value.into(), order);
    }

    /// As with std.
    pub fn swap(&self, value: bool, order: Ordering) -> bool {
        self.word.swap(value.into(), order) != 0
    }

    /// As with std.
    pub fn fetch_and(&self, value: bool, order: Ordering) -> bool {
        self.word.fetch_and(value.into(), order) != 0
    }

    /// As with std.
    pub fn fetch_or(&self, value: bool, order: Ordering) -> bool {
        self.word.fetch_or(value.into(), order) != 0
    }

    /// As with std.
    pub fn fetch_xor(&self, value: bool, order: Ordering) -> bool {
        self.word.fetch_xor(value.into(), order) != 0
    }

    /// As with std.
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }

    /// As with std.
    ///
    /// # Errors
    /// The value, if it is not `current`.
    pub fn compare_exchange(
        &self,
        current: bool,
        new: bool,
        success: Ordering,
        failure: Ordering,
    ) -> Result<bool, bool> {
        let exchanged = self.word.compare_exchange(current.into(), new.into(), success, failure);
        exchanged.map(|old| old != 0).map_err(|old| old != 0)
    }

    /// As with std, but it never fails for no reason: a test must find the same moments each time.
    ///
    /// # Errors
    /// The value, if it is not `current`.
    pub fn compare_exchange_weak(
        &self,
        current: bool,
        new: bool,
        success: Ordering,
        failure: Ordering,
    ) -> Result<bool, bool> {
        self.compare_exchange(current, new, success, failure)
    }

    /// As with std: the other thread may come while `change` decides, and then it decides again.
    ///
    /// # Errors
    /// The value for which `change` has returned None.
    pub fn fetch_update(
        &self,
        set: Ordering,
        fetch: Ordering,
        mut change: impl FnMut(bool) -> Option<bool>,
    ) -> Result<bool, bool> {
        let updated = self.word.fetch_update(set, fetch, |old| change(old != 0).map(usize::from));
        updated.map(|old| old != 0).map_err(|old| old != 0)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::sync::Arc;
    use std::sync::atomic::Ordering::SeqCst;

    use super::*;
    use crate::come_between;

    /// What a load that is followed by a store has found, and what the other thread's swap has.
    fn race(moment: usize) -> (bool, Option<bool>) {
        let flag = Arc::new(WatchedAtomicBool::new(false));
        let (other, own, theirs) = (flag.clone(), Cell::new(true), Rc::new(Cell::new(None)));
        let finds = theirs.clone();
        let swaps = move || finds.set(Some(other.swap(true, SeqCst)));
        come_between(moment, swaps, || {
            own.set(flag.load(SeqCst));
            flag.store(true, SeqCst);
        });
        (own.get(), theirs.get())
    }

    #[test]
    fn the_other_thread_comes_between_a_load_and_a_store() {
        assert_eq!(race(0), (true, Some(false)), "before the load");
        assert_eq!(race(1), (false, Some(false)), "between the two: both find it false");
        assert_eq!(race(2), (false, Some(false)));
        assert_eq!(race(3), (false, Some(true)), "after the store");
        assert_eq!(race(4), (false, None));
    }

    #[test]
    fn each_operation_does_what_that_of_std_does() {
        let flag = WatchedAtomicBool::default();
        assert_eq!((flag.swap(true, SeqCst), flag.fetch_and(false, SeqCst)), (false, true));
        assert_eq!((flag.fetch_or(true, SeqCst), flag.fetch_xor(true, SeqCst)), (false, true));
        assert_eq!((flag.fetch_not(SeqCst), flag.load(SeqCst)), (false, true));
        assert_eq!(flag.compare_exchange(false, true, SeqCst, SeqCst), Err(true));
        assert_eq!(flag.compare_exchange_weak(true, false, SeqCst, SeqCst), Ok(true));
        assert_eq!(flag.fetch_update(SeqCst, SeqCst, |_| None), Err(false));
        assert_eq!(flag.fetch_update(SeqCst, SeqCst, |old| Some(!old)), Ok(false));
        assert!(flag.load(SeqCst));
    }
}
