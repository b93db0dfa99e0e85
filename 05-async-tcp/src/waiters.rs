//! Tasks that wait until something is true. Any number of them.

use std::future::poll_fn;
use std::mem;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use executor::contain::contain;

use crate::slab::Slab;

// ANCHOR: waiters
/// The wakers of tasks that wait for the same thing.
#[derive(Debug)]
pub(crate) struct Waiters {
    wakers: Mutex<Slab<Waker>>,
}

impl Waiters {
    /// Without a waiter.
    pub(crate) const fn new() -> Self {
        Self { wakers: Mutex::new(Slab::new()) }
    }

    /// Waits until `look` returns something. The code that makes it do so must then call
    /// [`wake_all`](Self::wake_all).
    ///
    /// # Cancel safety
    /// Dropping it leaves no waker behind.
    pub(crate) async fn until<R>(&self, mut look: impl FnMut() -> Option<R>) -> R {
        let mut waiting = Waiting { waiters: self, key: None };
        poll_fn(|cx| {
            if let Some(found) = look() {
                return Poll::Ready(found);
            }
            waiting.register(cx);
            // Look again: it may have happened before the waker was there.
            look().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Wakes all tasks that wait.
    pub(crate) fn wake_all(&self) {
        let mut woken = Vec::new();
        self.lock().drain_into(&mut woken);
        for waker in woken {
            // If one panics, the others must still be woken.
            contain("a waker", || waker.wake());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slab<Waker>> {
        self.wakers.lock().expect("waiters lock: nothing that panics runs while it is held")
    }
}

struct Waiting<'a> {
    waiters: &'a Waiters,
    /// None: not in the list yet.
    key: Option<usize>,
}

impl Waiting<'_> {
    fn register(&mut self, cx: &Context<'_>) {
        // Cloning and dropping a waker runs foreign code: neither under the lock.
        let waker = cx.waker().clone();
        let mut wakers = self.waiters.lock();
        let old = match self.key.and_then(|key| wakers.get_mut(key)) {
            Some(kept) => Some(mem::replace(kept, waker)),
            None => {
                self.key = Some(wakers.insert(waker));
                None
            }
        };
        drop(wakers);
        drop(old);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let waker = self.waiters.lock().remove(key);
            drop(waker);
        }
    }
}
// ANCHOR_END: waiters

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;

    use testkit::{CountingWaker, HookWaker, assert_pending, assert_woken_once, poll_once};

    use super::*;

    #[test]
    fn all_are_woken_once_and_leave_nothing_behind() {
        let (counter, waker) = CountingWaker::new();
        let (waiters, is_true) = (Waiters::new(), Cell::new(false));
        let look = || is_true.get().then_some(());
        let mut first = pin!(waiters.until(look));
        assert_pending!(poll_once(&mut first, &waker));
        assert_pending!(poll_once(&mut first, &waker));
        assert_eq!((counter.live(), counter.wakes()), (2, 0), "it is in the list once");
        {
            let mut second = Box::pin(waiters.until(look));
            assert_pending!(poll_once(&mut second, &waker));
            assert_eq!(counter.live(), 3);
        }
        assert_eq!(counter.live(), 2, "a wait that is dropped takes its waker along");
        is_true.set(true);
        waiters.wake_all();
        waiters.wake_all();
        assert_woken_once!(counter);
        assert!(poll_once(&mut first, &waker).is_ready());
        assert_eq!(counter.live(), 1, "only the test's own waker is left");
    }

    #[test]
    fn what_happens_while_we_register_is_noticed() {
        let (_, inner) = CountingWaker::new();
        let waiters = Waiters::new();
        let happened = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = happened.clone();
        let waker = HookWaker::new(&inner)
            .on_clone(move || happened.store(true, std::sync::atomic::Ordering::SeqCst))
            .waker();
        let look = || seen.load(std::sync::atomic::Ordering::SeqCst).then_some(());
        assert!(poll_once(&mut pin!(waiters.until(look)), &waker).is_ready());
    }
}
