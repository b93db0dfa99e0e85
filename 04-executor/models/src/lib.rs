//! The files of stage 04 that threads meet in, compiled with loom's types: as they are written, and
//! with the one line weakened that each patch in `weakened/` changes. `tests/loom.rs` runs the models.
#![allow(missing_docs, reason = "the stage's crate documents its items")]
#![allow(dead_code, reason = "a model uses only what it is about")]

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// loom's macro knows no `const`.
macro_rules! models_thread_local {
    ($(#[$docs:meta])* static $name:ident: $value:ty = const $init:block;) => {
        loom::thread_local! { $(#[$docs])* static $name: $value = $init; }
    };
}
pub(crate) use models_thread_local;

/// What the stage's `sync.rs` names, from loom.
pub mod sync {
    pub(crate) use crate::models_thread_local as thread_local;
    pub use loom::cell::UnsafeCell;
    pub use loom::sync::atomic::{AtomicBool, AtomicUsize, fence};
    pub use loom::sync::{Mutex, MutexGuard};

    pub use try_mutex::TryMutex;

    /// loom's `try_lock` waits if another thread locks at that moment. This one does not.
    mod try_mutex {
        use std::ops::{Deref, DerefMut};

        use loom::sync::atomic::{AtomicBool, Ordering};

        pub struct TryMutex<T> {
            locked: AtomicBool,
            value: std::sync::Mutex<T>,
        }

        pub struct Guard<'a, T> {
            locked: &'a AtomicBool,
            /// None while it is dropped: the value is free before the flag is.
            value: Option<std::sync::MutexGuard<'a, T>>,
        }

        pub struct Locked;

        impl<T> TryMutex<T> {
            pub fn new(value: T) -> Self {
                Self { locked: AtomicBool::new(false), value: std::sync::Mutex::new(value) }
            }

            pub fn try_lock(&self) -> Result<Guard<'_, T>, Locked> {
                let free =
                    self.locked.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
                free.map_err(|_| Locked)?;
                let value = Some(self.value.try_lock().expect("the flag keeps others out"));
                Ok(Guard { locked: &self.locked, value })
            }
        }

        impl<T> Deref for Guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                self.value.as_deref().expect("only drop takes it")
            }
        }

        impl<T> DerefMut for Guard<'_, T> {
            fn deref_mut(&mut self) -> &mut T {
                self.value.as_deref_mut().expect("only drop takes it")
            }
        }

        impl<T> Drop for Guard<'_, T> {
            fn drop(&mut self) {
                self.value = None;
                self.locked.store(false, Ordering::Release);
            }
        }
    }

    /// Threads, with the parking that stage 03 models.
    pub mod thread {
        pub use loom::thread::{Builder, JoinHandle, panicking, yield_now};
        pub use waker::sync::thread::{Thread, current, park};

        /// A model has no clock: the time is never up.
        pub fn park_timeout(_: std::time::Duration) {
            park();
        }
    }
}
