//! A condition variable for the mutex that a test watches.

use std::sync::{self, LockResult};

use crate::watched_mutex::WatchedGuard;

/// `std::sync::Condvar` for a [`WatchedMutex`](crate::WatchedMutex). A thread that waits does not hold
/// the lock, and [`locks_held`](crate::locks_held) knows that.
///
/// ```
/// use testkit::{WatchedCondvar, WatchedMutex};
/// let (is_open, changed) = (WatchedMutex::new(false), WatchedCondvar::new());
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         *is_open.lock().unwrap() = true;
///         changed.notify_one();
///     });
///     let guard = changed.wait_while(is_open.lock().unwrap(), |is_open| !*is_open);
///     assert!(*guard.unwrap());
/// });
/// ```
#[derive(Debug, Default)]
pub struct WatchedCondvar {
    inner: sync::Condvar,
}

impl WatchedCondvar {
    /// Nobody waits.
    pub const fn new() -> Self {
        Self { inner: sync::Condvar::new() }
    }

    /// Gives the lock back, sleeps until it is notified, or for no reason, and takes the lock again.
    ///
    /// # Errors
    /// As with `std::sync::Condvar`: a thread panicked while it held the lock.
    pub fn wait<'a, T>(&self, guard: WatchedGuard<'a, T>) -> LockResult<WatchedGuard<'a, T>> {
        guard.without_lock(|guard| self.inner.wait(guard))
    }

    /// Waits as long as the condition is true.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn wait_while<'a, T>(
        &self,
        mut guard: WatchedGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<WatchedGuard<'a, T>> {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Wakes one waiting thread.
    pub fn notify_one(&self) {
        self.inner.notify_one();
    }

    /// Wakes all waiting threads.
    pub fn notify_all(&self) {
        self.inner.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::{WatchedMutex, locks_held};

    #[test]
    fn a_thread_that_waits_lets_others_lock_and_holds_the_lock_after_it() {
        let _guard = crate::watchdog("a notification was lost");
        let (number, changed) = (WatchedMutex::new(0), WatchedCondvar::new());
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                let guard = number.lock().unwrap();
                let guard = changed.wait_while(guard, |number| *number < 2).unwrap();
                let found = (*guard, locks_held());
                drop(guard);
                (found, locks_held())
            });
            for _ in 0..2 {
                *number.lock().unwrap() += 1;
                changed.notify_all();
            }
            assert_eq!(waiter.join().unwrap(), ((2, 1), 0));
        });
    }

    #[test]
    fn a_panic_under_the_lock_is_reported_by_the_wait() {
        let (mutex, changed) = (WatchedMutex::new(()), WatchedCondvar::new());
        let (ready, is_ready) = mpsc::channel();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                let guard = mutex.lock().unwrap();
                ready.send(()).unwrap();
                let is_poisoned = changed.wait(guard).is_err();
                (is_poisoned, locks_held())
            });
            is_ready.recv().unwrap();
            let panics = scope.spawn(|| {
                // The waiter sleeps, or it would hold the lock.
                let _guard = mutex.lock().unwrap();
                changed.notify_one();
                std::panic::resume_unwind(Box::new("under the lock"));
            });
            assert!(panics.join().is_err());
            assert_eq!(waiter.join().unwrap(), (true, 0));
        });
    }
}
