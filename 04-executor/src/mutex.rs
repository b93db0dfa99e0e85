//! A mutex whose lock is awaited, so that it may be held across an await.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

// ANCHOR: mutex
/// A value to which one task at a time has access.
///
/// `std::sync::Mutex` blocks the thread while it waits. If its guard is held across an await, the thread
/// that waits may be the one that would have to poll the task that holds it. Here a task that waits is
/// `Pending`, and tasks get the lock in the order in which they came.
///
/// The value moves into the guard and back: box it if it is large. A panic does not poison the lock.
#[derive(Default)]
pub struct Mutex<T> {
    state: std::sync::Mutex<State<T>>,
}

struct State<T> {
    /// None: a guard has it.
    value: Option<T>,
    /// The tasks that wait, in their order, each with a number.
    waiting: VecDeque<(u64, Waker)>,
    /// The number of the task that is next: the value is kept for it until it is polled or dropped.
    granted: Option<u64>,
    /// The next number.
    next: u64,
}

impl<T> State<T> {
    /// Takes the value, if it is there for the task with this number. A newcomer has none.
    fn take(&mut self, number: Option<u64>) -> Option<T> {
        if self.granted != number {
            return None;
        }
        let value = self.value.take();
        if value.is_some() {
            self.granted = None;
        }
        value
    }

    /// Keeps the value for the next task that waits. The caller wakes it after releasing the lock.
    #[must_use]
    fn grant(&mut self) -> Option<Waker> {
        let (number, waker) = self.waiting.pop_front()?;
        self.granted = Some(number);
        Some(waker)
    }
}
// ANCHOR_END: mutex

impl<T: Default> Default for State<T> {
    fn default() -> Self {
        Self { value: Some(T::default()), waiting: VecDeque::new(), granted: None, next: 0 }
    }
}

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub fn new(value: T) -> Self {
        let state = State { value: Some(value), waiting: VecDeque::new(), granted: None, next: 0 };
        Self { state: std::sync::Mutex::new(state) }
    }

    /// A future that is ready when this task has the lock.
    ///
    /// # Cancel safety
    /// Dropping it gives up its place; if the lock was already kept for it, the next task gets it.
    pub fn lock(&self) -> Lock<'_, T> {
        Lock { mutex: self, number: None }
    }

    /// The lock, if no task holds it or waits for it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let value = self.state().take(None)?;
        Some(MutexGuard { mutex: self, value: Some(value) })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State<T>> {
        self.state.lock().expect("state lock: nothing that panics runs while it is held")
    }
}

// ANCHOR: lock
/// Made by [`Mutex::lock`].
pub struct Lock<'a, T> {
    mutex: &'a Mutex<T>,
    /// Its number among the tasks that wait, once it does.
    number: Option<u64>,
}

impl<'a, T> Future for Lock<'a, T> {
    type Output = MutexGuard<'a, T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<MutexGuard<'a, T>> {
        let mutex = self.mutex;
        // Cloning and dropping a waker runs foreign code: before the lock, and after it.
        let mut waker = cx.waker().clone();
        let mut state = mutex.state();
        if let Some(value) = state.take(self.number) {
            self.number = None;
            return Poll::Ready(MutexGuard { mutex, value: Some(value) });
        }
        match self.number {
            None => {
                let number = state.next;
                state.next += 1;
                state.waiting.push_back((number, waker));
                self.number = Some(number);
            }
            Some(number) => {
                let waiting = state.waiting.iter_mut().find(|(waiter, _)| *waiter == number);
                if let Some((_, kept)) = waiting {
                    mem::swap(kept, &mut waker);
                }
                drop(state);
                drop(waker);
            }
        }
        Poll::Pending
    }
}

// ANCHOR: drop_lock
impl<T> Drop for Lock<'_, T> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let (own, next) = {
            let mut state = self.mutex.state();
            if state.granted == Some(number) {
                state.granted = None;
                (None, state.grant())
            } else {
                let place = state.waiting.iter().position(|(waiter, _)| *waiter == number);
                (place.and_then(|place| state.waiting.remove(place)), None)
            }
        };
        drop(own);
        next.into_iter().for_each(Waker::wake);
    }
}
// ANCHOR_END: drop_lock
// ANCHOR_END: lock

/// Holds the lock until it is dropped. It may be held across an await.
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// None only during its drop.
    value: Option<T>,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("it is here until the drop")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("it is here until the drop")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        let next = {
            let mut state = self.mutex.state();
            state.value = self.value.take();
            state.grant()
        };
        next.into_iter().for_each(Waker::wake);
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut mutex = f.debug_tuple("Mutex");
        match self.try_lock() {
            Some(value) => mutex.field(&value).finish(),
            None => mutex.field(&format_args!("<locked>")).finish(),
        }
    }
}

impl<T> fmt::Debug for Lock<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").field("waits", &self.number.is_some()).finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
