//! The files of stage 03 that threads meet in, compiled with loom's types: as they are written, and
//! with the one line weakened that each patch in `weakened/` changes. `tests/loom.rs` runs the models.
#![allow(missing_docs, reason = "the stage's crate documents its items")]
#![allow(dead_code, reason = "a model uses only what it is about")]

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// For the models of stage 04.
pub use as_written::slot::WakerSlot;

/// What the stage's `sync.rs` names, from loom.
pub mod sync {
    pub use loom::sync::atomic::AtomicBool;
    pub use loom::sync::{Mutex, MutexGuard};

    pub use thread::Thread;

    /// Parking as `std::thread::park` documents it. loom's own loses the token of a thread that
    /// meets a mutex before it parks, and orders memory where std promises nothing.
    pub mod thread {
        use std::sync::Arc;

        use loom::sync::{Condvar, Mutex};

        loom::thread_local! {
            static CURRENT: Thread = Thread { token: Arc::default() };
        }

        #[derive(Clone, Debug)]
        pub struct Thread {
            token: Arc<Token>,
        }

        #[derive(Debug, Default)]
        struct Token {
            available: Mutex<bool>,
            changed: Condvar,
        }

        impl Thread {
            pub fn unpark(&self) {
                *self.token.available.lock().expect("no thread panics") = true;
                self.token.changed.notify_one();
            }
        }

        pub fn current() -> Thread {
            CURRENT.with(Thread::clone)
        }

        pub fn park() {
            let thread = current();
            let mut available = thread.token.available.lock().expect("no thread panics");
            while !*available {
                available = thread.token.changed.wait(available).expect("no thread panics");
            }
            *available = false;
        }
    }
}
