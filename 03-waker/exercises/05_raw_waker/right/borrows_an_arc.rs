//! A waker by hand.
//!
//! A `Waker` is a pointer and a table of four functions. Here the pointer comes from an `Arc<T>`. Each
//! waker owns one reference of it, and the four functions decide what becomes of that reference.
//! To wake means to call `Task::wake` while the task is certainly alive. Even if that call panics, a
//! waker that was consumed gives its reference back.
//!
//! Wakers are called and dropped on any thread, which is why `waker` asks for `Send + Sync`.
//!
//! Your task: the four functions of `VTable`. Say at each `unsafe` why it is sound: which reference
//! keeps the task alive there, and what owns it.
//!
//! Read first: the book, "What a waker is".
//! Check with `cargo workshop check raw_waker`.
#![allow(unsafe_code, reason = "the four functions of a vtable own reference counts by hand")]

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// What can be woken.
pub trait Task {
    /// Tells the task that it has something to do.
    fn wake(&self);
}

/// A waker that owns the reference it is given.
pub fn waker<T: Task + Send + Sync + 'static>(task: Arc<T>) -> Waker {
    let data = Arc::into_raw(task).cast();
    // SAFETY: the data came from `Arc::<T>::into_raw`, which the functions of `VTable::<T>` expect, and T
    // may be used on any thread.
    unsafe { Waker::from_raw(RawWaker::new(data, &VTable::<T>::VTABLE)) }
}

/// The four functions for wakers whose data came from `Arc::<T>::into_raw`.
struct VTable<T>(T);

impl<T: Task + Send + Sync + 'static> VTable<T> {
    const VTABLE: RawWakerVTable =
        RawWakerVTable::new(Self::clone, Self::wake, Self::wake_by_ref, Self::drop);

    /// The Arc of the waker that calls, which goes on owning its reference.
    ///
    /// # Safety
    /// `data` came from `Arc::<T>::into_raw`, and its reference has not been given back.
    unsafe fn borrow(data: *const ()) -> ManuallyDrop<Arc<T>> {
        // SAFETY: as above. ManuallyDrop does not give the reference back.
        ManuallyDrop::new(unsafe { Arc::from_raw(data.cast()) })
    }

    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: the calling waker owns a reference.
        let task = unsafe { Self::borrow(data) };
        RawWaker::new(Arc::into_raw(Arc::clone(&task)).cast(), &Self::VTABLE)
    }

    unsafe fn wake(data: *const ()) {
        // SAFETY: the waker is consumed, so its reference is ours: this Arc is dropped after the call.
        ManuallyDrop::into_inner(unsafe { Self::borrow(data) }).wake();
    }

    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: the calling waker owns a reference.
        unsafe { Self::borrow(data) }.wake();
    }

    unsafe fn drop(data: *const ()) {
        // SAFETY: the waker is gone, so its reference is ours to give back.
        drop(unsafe { Arc::<T>::from_raw(data.cast()) });
    }
}
