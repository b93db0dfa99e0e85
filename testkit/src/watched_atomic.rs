//! An atomic that lets a test come between two of its operations.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::watched_mutex::moment;

/// `std::sync::atomic::AtomicUsize`, seen by the test: [`come_between`](crate::come_between) runs what
/// another thread might do before an operation or after it. As with
/// [`WatchedMutex`](crate::WatchedMutex), each has a moment before it and one after it.
///
/// What a weaker ordering would allow is not seen: that is for loom.
#[derive(Debug, Default)]
pub struct WatchedAtomicUsize {
    inner: AtomicUsize,
}

impl WatchedAtomicUsize {
    /// An atomic that holds `value`.
    pub const fn new(value: usize) -> Self {
        Self { inner: AtomicUsize::new(value) }
    }

    /// As with std.
    pub fn load(&self, order: Ordering) -> usize {
        self.one(|inner| inner.load(order))
    }

    /// As with std.
    pub fn store(&self, value: usize, order: Ordering) {
        self.one(|inner| inner.store(value, order));
    }

    /// As with std.
    pub fn swap(&self, value: usize, order: Ordering) -> usize {
        self.one(|inner| inner.swap(value, order))
    }

    /// As with std.
    pub fn fetch_add(&self, value: usize, order: Ordering) -> usize {
        self.one(|inner| inner.fetch_add(value, order))
    }

    /// As with std.
    pub fn fetch_sub(&self, value: usize, order: Ordering) -> usize {
        self.one(|inner| inner.fetch_sub(value, order))
    }

    /// As with std.
    pub fn fetch_and(&self, value: usize, order: Ordering) -> usize {
        self.one(|inner| inner.fetch_and(value, order))
    }

    /// As with std.
    pub fn fetch_or(&self, value: usize, order: Ordering) -> usize {
        self.one(|inner| inner.fetch_or(value, order))
    }

    /// As with std.
    pub fn fetch_xor(&self, value: usize, order: Ordering) -> usize {
        self.one(|inner| inner.fetch_xor(value, order))
    }

    /// As with std.
    ///
    /// # Errors
    /// The value, if it is not `current`.
    pub fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        success: Ordering,
        failure: Ordering,
    ) -> Result<usize, usize> {
        self.one(|inner| inner.compare_exchange(current, new, success, failure))
    }

    /// As with std, but it never fails for no reason: a test must find the same moments each time.
    ///
    /// # Errors
    /// The value, if it is not `current`.
    pub fn compare_exchange_weak(
        &self,
        current: usize,
        new: usize,
        success: Ordering,
        failure: Ordering,
    ) -> Result<usize, usize> {
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
        mut change: impl FnMut(usize) -> Option<usize>,
    ) -> Result<usize, usize> {
        let mut old = self.load(fetch);
        while let Some(new) = change(old) {
            match self.compare_exchange(old, new, set, fetch) {
                Ok(old) => return Ok(old),
                Err(other) => old = other,
            }
        }
        Err(old)
    }

    fn one<T>(&self, operation: impl FnOnce(&AtomicUsize) -> T) -> T {
        moment();
        let result = operation(&self.inner);
        moment();
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering::SeqCst;

    use super::*;
    use crate::come_between;

    /// Multiplies by ten and adds one, while another thread adds five at this moment.
    fn race(moment: usize, body: impl FnOnce(&WatchedAtomicUsize)) -> (bool, usize) {
        let atomic = Arc::new(WatchedAtomicUsize::new(2));
        let other = atomic.clone();
        let came = come_between(moment, move || _ = other.fetch_add(5, SeqCst), || body(&atomic));
        (came, atomic.load(SeqCst))
    }

    #[test]
    fn the_other_thread_comes_between_a_load_and_a_store() {
        let body = |atomic: &WatchedAtomicUsize| {
            let old = atomic.load(SeqCst);
            atomic.store(old * 10 + 1, SeqCst);
        };
        assert_eq!(race(0, body), (true, 71), "before the load");
        assert_eq!(race(1, body), (true, 21), "between the two: what it adds is lost");
        assert_eq!(race(2, body), (true, 21));
        assert_eq!(race(3, body), (true, 26), "after the store");
        assert_eq!(race(4, body), (false, 21));
    }

    #[test]
    fn an_update_decides_again() {
        let body = |atomic: &WatchedAtomicUsize| {
            let old = atomic.fetch_update(SeqCst, SeqCst, |old| Some(old * 10 + 1));
            assert!(old.is_ok());
        };
        assert_eq!(race(1, body), (true, 71));
        assert_eq!(race(3, body), (true, 26));
        assert!(!race(4, body).0, "a load and one exchange");
        let refuses = |atomic: &WatchedAtomicUsize| {
            assert_eq!(atomic.fetch_update(SeqCst, SeqCst, |_| None), Err(2));
        };
        assert_eq!(race(9, refuses), (false, 2));
    }

    #[test]
    fn each_operation_does_what_that_of_std_does() {
        let atomic = WatchedAtomicUsize::default();
        assert_eq!(atomic.swap(6, SeqCst), 0);
        assert_eq!((atomic.fetch_sub(1, SeqCst), atomic.fetch_or(8, SeqCst)), (6, 5));
        assert_eq!((atomic.fetch_and(9, SeqCst), atomic.fetch_xor(3, SeqCst)), (13, 9));
        assert_eq!(atomic.compare_exchange(1, 2, SeqCst, SeqCst), Err(10));
        assert_eq!(atomic.compare_exchange_weak(10, 2, SeqCst, SeqCst), Ok(10));
        assert_eq!(atomic.load(SeqCst), 2);
    }
}
