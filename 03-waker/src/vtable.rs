//! What a waker is made of: a pointer, and four functions that know what it points to.
//!
//! `std::task::Wake` writes all of this for you. It is here so that you have seen it once.
#![allow(unsafe_code, reason = "the four functions of a vtable own reference counts by hand")]

use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use tracing::trace;

// ANCHOR: waker_fn
/// A waker that calls `wake`. It owns the reference that it is given; each clone owns one more.
pub fn waker_fn<F: Fn() + Send + Sync + 'static>(wake: Arc<F>) -> Waker {
    let data = Arc::into_raw(wake).cast();
    // SAFETY: the functions of `VTable::<F>` follow the contract of `RawWakerVTable::new`: data is
    // a reference to an `Arc<F>` that this waker owns, and F may be used from any thread.
    unsafe { Waker::from_raw(VTable::<F>::raw(data)) }
}

/// The four functions for wakers whose data came from `Arc::<F>::into_raw`.
struct VTable<F>(F);
// ANCHOR_END: waker_fn

// ANCHOR: clone
impl<F: Fn() + Send + Sync + 'static> VTable<F> {
    const VTABLE: RawWakerVTable =
        RawWakerVTable::new(Self::clone, Self::wake, Self::wake_by_ref, Self::drop);

    /// In one place: wakers are the same for `will_wake` only if their tables are at one address.
    fn raw(data: *const ()) -> RawWaker {
        RawWaker::new(data, &Self::VTABLE)
    }

    /// Owns nothing of `data` afterwards that it did not own before, and gives away one more.
    ///
    /// # Safety
    /// `data` came from `Arc::<F>::into_raw`, and its reference has not been given back.
    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: the caller's reference keeps the Arc alive.
        unsafe { Arc::increment_strong_count(data.cast::<F>()) };
        Self::count(data, "clone");
        Self::raw(data)
    }
    // ANCHOR_END: clone

    // ANCHOR: wake
    /// Consumes the reference, as `Waker::wake` consumes the waker: `drop` is not called after it.
    ///
    /// # Safety
    /// As for `clone`.
    unsafe fn wake(data: *const ()) {
        // SAFETY: the reference is ours to give back, which dropping `wake` does.
        let wake = unsafe { Arc::from_raw(data.cast::<F>()) };
        wake();
        trace!(count = Arc::strong_count(&wake) - 1, "wake");
    }

    /// Leaves the reference with the caller, who will drop it.
    ///
    /// # Safety
    /// As for `clone`.
    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: the caller's reference keeps F alive as long as we borrow it.
        let wake = unsafe { &*data.cast::<F>() };
        wake();
        Self::count(data, "wake_by_ref");
    }

    /// Gives the reference back.
    ///
    /// # Safety
    /// As for `clone`.
    unsafe fn drop(data: *const ()) {
        // SAFETY: the reference is ours to give back.
        let wake = unsafe { Arc::from_raw(data.cast::<F>()) };
        trace!(count = Arc::strong_count(&wake) - 1, "drop");
    }
    // ANCHOR_END: wake

    /// Records how many references there are after a call that leaves the caller's alive.
    fn count(data: *const (), call: &str) {
        // SAFETY: the caller's reference is alive. ManuallyDrop: we look at it, and don't give it back.
        let wake = std::mem::ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<F>()) });
        trace!(count = Arc::strong_count(&wake), "{call}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn counted() -> (Arc<AtomicUsize>, Arc<impl Fn() + Send + Sync + 'static>) {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = wakes.clone();
        let wake = move || {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        (wakes, Arc::new(wake))
    }

    #[test]
    fn each_call_moves_the_count_as_the_contract_says() {
        let (wakes, wake) = counted();
        let count = || Arc::strong_count(&wake);
        let waker = waker_fn(wake.clone());
        assert_eq!(count(), 2, "the waker owns one");
        let clone = waker.clone();
        assert_eq!(count(), 3, "its clone owns one more");
        clone.wake_by_ref();
        assert_eq!((count(), wakes.load(Ordering::Relaxed)), (3, 1), "wake_by_ref keeps it");
        clone.wake();
        assert_eq!((count(), wakes.load(Ordering::Relaxed)), (2, 2), "wake consumes it");
        drop(waker);
        assert_eq!((count(), wakes.load(Ordering::Relaxed)), (1, 2), "drop gives it back");
    }

    #[test]
    fn clones_wake_the_same_and_others_do_not() {
        let (_, wake) = counted();
        let waker = waker_fn(wake.clone());
        assert!(waker.will_wake(&waker.clone()));
        let (_, other) = counted();
        assert!(!waker.will_wake(&waker_fn(other)));
    }

    #[test]
    fn the_last_reference_may_be_dropped_on_another_thread() {
        let (wakes, wake) = counted();
        let waker = waker_fn(wake);
        std::thread::spawn(move || waker.wake()).join().expect("the closure does not panic");
        assert_eq!((wakes.load(Ordering::Relaxed), Arc::strong_count(&wakes)), (1, 1));
    }

    #[test]
    fn a_closure_that_panics_gives_its_reference_back() {
        let wake = Arc::new(|| panic!("in wake"));
        let waker = waker_fn(wake.clone());
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| waker.wake()));
        assert!(panic.is_err());
        assert_eq!(Arc::strong_count(&wake), 1);
    }
}
