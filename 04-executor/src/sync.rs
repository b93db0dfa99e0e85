//! What this crate synchronises with. The package `executor-models` compiles its files as well, with
//! loom's types under these names.

/// A lock that threads try, and never wait for.
pub(crate) use std::sync::Mutex as TryMutex;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicUsize, fence};
pub(crate) use std::sync::{Mutex, MutexGuard};
pub(crate) use std::{thread, thread_local};

/// A value to which several threads have access, one at a time by a protocol of their own.
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// Gives access to the value. The pointer may be used if no other thread uses one meanwhile.
    pub(crate) fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
        access(self.0.get())
    }
}
