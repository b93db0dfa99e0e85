//! What this crate synchronises with. The package `waker-models` compiles these files as well, with
//! loom's types under these names.

pub(crate) use std::sync::atomic::AtomicBool;
pub(crate) use std::sync::{Mutex, MutexGuard};
pub(crate) use std::thread::{self, Thread};
