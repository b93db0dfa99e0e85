//! A mutex that lets a test come between: a race, without threads and without luck.

use std::cell::{Cell, RefCell};
use std::ops::{Deref, DerefMut};
use std::sync::{self, LockResult, PoisonError};
use std::thread;

/// `std::sync::Mutex`, seen by the test: [`locks_held`] says whether this thread holds one, and
/// [`come_between`] runs what another thread might do before one is taken, or after it was given back.
///
/// A thread that locks one it holds already would wait for itself for ever: here it panics.
#[derive(Debug, Default)]
pub struct WatchedMutex<T> {
    inner: sync::Mutex<T>,
}

/// Gives the lock back when it is dropped.
#[derive(Debug)]
pub struct WatchedGuard<'a, T> {
    /// None while it is being dropped.
    inner: Option<sync::MutexGuard<'a, T>>,
    /// Which mutex it is, by its address.
    mutex: usize,
}

thread_local! {
    /// The mutexes that this thread holds.
    static HELD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    /// None when nobody is to come between, or somebody has.
    static OTHER: RefCell<Option<Other>> = const { RefCell::new(None) };
    /// Whether moments count: not while the other side has its turn.
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    /// How many there were since the last [`come_between`] began.
    static MOMENTS: Cell<usize> = const { Cell::new(0) };
}

/// Who is to come between.
struct Other {
    /// How many moments are to pass before.
    moments: usize,
    acts: Box<dyn FnOnce()>,
}

/// How many [`WatchedMutex`]es this thread holds now.
pub fn locks_held() -> usize {
    HELD.with_borrow(Vec::len)
}

/// Runs `body`, and in the middle of it `other`, as if another thread had come between. Returns
/// whether it did: `false` when `body` had no such moment.
///
/// There are two moments to each lock that `body` takes on this thread: before it, and after it was
/// given back; and two to each operation on a [`WatchedAtomicUsize`](crate::WatchedAtomicUsize) or a
/// [`WatchedAtomicBool`](crate::WatchedAtomicBool). `moment` 0 is the first. Of locks inside of locks, only the outermost counts, because
/// in between the other thread might have to wait.
///
/// ```
/// use std::sync::Arc;
/// use testkit::{WatchedMutex, come_between};
/// let count = Arc::new(WatchedMutex::new(0));
/// let other = count.clone();
/// let came = come_between(1, move || *other.lock().unwrap() += 1, || {
///     let old = *count.lock().unwrap();
///     // The other thread counts here, and its count is lost.
///     *count.lock().unwrap() = old + 1;
/// });
/// assert_eq!((came, *count.lock().unwrap()), (true, 1));
/// ```
pub fn come_between(moment: usize, other: impl FnOnce() + 'static, body: impl FnOnce()) -> bool {
    /// Forgets what did not happen, even when `body` panics.
    struct Watch;
    impl Drop for Watch {
        fn drop(&mut self) {
            WATCHING.set(false);
            OTHER.take();
        }
    }
    let _watch = Watch;
    OTHER.set(Some(Other { moments: moment, acts: Box::new(other) }));
    MOMENTS.set(0);
    WATCHING.set(true);
    body();
    OTHER.with_borrow(Option::is_none)
}

/// How many moments the body of the last [`come_between`] on this thread had: two for each lock. What
/// the other did is not counted.
pub fn moments() -> usize {
    MOMENTS.get()
}

/// A moment at which another thread might come between.
pub(crate) fn moment() {
    if !WATCHING.get() || locks_held() > 0 || thread::panicking() {
        return;
    }
    MOMENTS.set(MOMENTS.get() + 1);
    let due = OTHER.with_borrow_mut(|other| match other {
        Some(Other { moments: 0, .. }) => other.take(),
        Some(other) => {
            other.moments -= 1;
            None
        }
        None => None,
    });
    if let Some(other) = due {
        WATCHING.set(false);
        (other.acts)();
        WATCHING.set(true);
    }
}

impl<T> WatchedMutex<T> {
    /// An unlocked mutex.
    pub const fn new(value: T) -> Self {
        Self { inner: sync::Mutex::new(value) }
    }

    /// Waits for the lock.
    ///
    /// # Errors
    /// As with `std::sync::Mutex`: a thread panicked while it held the lock.
    ///
    /// # Panics
    /// When this thread holds it already.
    pub fn lock(&self) -> LockResult<WatchedGuard<'_, T>> {
        moment();
        let mutex = (&raw const self.inner).addr();
        assert!(
            !HELD.with_borrow(|held| held.contains(&mutex)),
            "this thread holds the lock, and locks it again: it waits for itself, for ever. A guard \
             lives until the end of its block, and one in the head of a `match` or an `if let` until its \
             closing brace; let it go before you lock, or call what locks"
        );
        let guard = |inner| {
            HELD.with_borrow_mut(|held| held.push(mutex));
            WatchedGuard { inner: Some(inner), mutex }
        };
        match self.inner.lock() {
            Ok(inner) => Ok(guard(inner)),
            Err(poisoned) => Err(PoisonError::new(guard(poisoned.into_inner()))),
        }
    }
}

impl<'a, T> WatchedGuard<'a, T> {
    /// Does `wait`, which gives the lock back and takes it again.
    pub(crate) fn without_lock(
        mut self,
        wait: impl FnOnce(sync::MutexGuard<'a, T>) -> LockResult<sync::MutexGuard<'a, T>>,
    ) -> LockResult<Self> {
        let (mutex, inner) = (self.mutex, self.inner.take().expect("only drop takes it"));
        HELD.with_borrow_mut(|held| held.retain(|held| *held != mutex));
        // Not dropped: that would be a moment, and the lock is not given back yet.
        std::mem::forget(self);
        let guard = |inner| {
            HELD.with_borrow_mut(|held| held.push(mutex));
            WatchedGuard { inner: Some(inner), mutex }
        };
        wait(inner).map(guard).map_err(|poisoned| PoisonError::new(guard(poisoned.into_inner())))
    }
}

impl<T> Deref for WatchedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("only drop takes it")
    }
}

impl<T> DerefMut for WatchedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("only drop takes it")
    }
}

impl<T> Drop for WatchedGuard<'_, T> {
    fn drop(&mut self) {
        drop(self.inner.take());
        HELD.with_borrow_mut(|held| held.retain(|mutex| *mutex != self.mutex));
        moment();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Puts 'x' into a list between whatever `body` does with it.
    fn list(moment: usize, body: impl FnOnce(&WatchedMutex<Vec<char>>)) -> (bool, String) {
        let list = Arc::new(WatchedMutex::new(Vec::new()));
        let other = list.clone();
        let came = come_between(moment, move || other.lock().unwrap().push('x'), || body(&list));
        let found = list.lock().unwrap().iter().collect();
        (came, found)
    }

    #[test]
    fn each_lock_has_a_moment_before_it_and_one_after_it() {
        let body = |list: &WatchedMutex<Vec<_>>| {
            list.lock().unwrap().push('a');
            list.lock().unwrap().push('b');
        };
        assert_eq!(list(0, body), (true, "xab".to_owned()));
        assert_eq!(list(1, body), (true, "axb".to_owned()));
        assert_eq!(list(2, body), (true, "axb".to_owned()));
        assert_eq!(list(3, body), (true, "abx".to_owned()));
        assert_eq!(list(4, body), (false, "ab".to_owned()));
    }

    #[test]
    fn nobody_comes_between_under_a_lock() {
        let outer = WatchedMutex::new(());
        let (came, found) = list(1, |list| {
            let _guard = outer.lock().unwrap();
            list.lock().unwrap().push('a');
        });
        assert_eq!((came, found), (true, "ax".to_owned()), "the first moment is before `outer`");
    }

    #[test]
    fn what_did_not_happen_is_forgotten() {
        assert!(!list(9, |_| ()).0);
        let mutex = WatchedMutex::new(());
        drop(mutex.lock());
        assert!(OTHER.with_borrow(Option::is_none) && !WATCHING.get());
    }

    #[test]
    fn moments_of_the_other_are_not_counted() {
        let body = |list: &WatchedMutex<Vec<_>>| {
            list.lock().unwrap().push('a');
            list.lock().unwrap().push('b');
        };
        for moment in [0, 1, usize::MAX] {
            list(moment, body);
            assert_eq!(moments(), 4);
        }
    }

    #[test]
    fn a_thread_knows_its_own_locks() {
        let (one, two) = (WatchedMutex::new(1), WatchedMutex::new(2));
        let first = one.lock().unwrap();
        let second = two.lock().unwrap();
        assert_eq!((locks_held(), *first + *second), (2, 3));
        drop(first);
        assert_eq!(locks_held(), 1);
        assert_eq!(thread::spawn(locks_held).join().unwrap(), 0);
        drop(second);
        assert_eq!(locks_held(), 0);
    }

    #[test]
    #[should_panic(expected = "waits for itself")]
    fn a_thread_that_waits_for_itself_is_told() {
        let mutex = WatchedMutex::new(());
        let _guard = mutex.lock().unwrap();
        let _ = mutex.lock();
    }

    #[test]
    fn a_panic_under_the_lock_poisons_it_and_gives_it_back() {
        let mutex = Arc::new(WatchedMutex::new(7));
        let theirs = mutex.clone();
        let thread = thread::spawn(move || {
            let _guard = theirs.lock().unwrap();
            panic!("a panic under a lock: a test of the mutex");
        });
        assert!(thread.join().is_err());
        assert_eq!(mutex.lock().map_err(|poisoned| *poisoned.into_inner()).unwrap_err(), 7);
        assert_eq!(locks_held(), 0);
    }
}
