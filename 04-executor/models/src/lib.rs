//! The files of stage 04 that threads meet in, compiled with loom's types: as they are written, and
//! with the one line weakened that each patch in `weakened/` changes. `tests/loom.rs` runs the models.
#![allow(missing_docs, reason = "the stage's crate documents its items")]
#![allow(dead_code, reason = "a model uses only what it is about")]

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// What the stage's `sync.rs` names, from loom.
pub mod sync {
    pub use loom::cell::UnsafeCell;
    pub use loom::sync::atomic::{AtomicUsize, fence};
    pub use loom::sync::{Mutex, MutexGuard};
}
