//! Code of others that runs between our steps: a drop, a waker.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::warn;

/// Runs `code`, and keeps a panic in it from ending the thread that runs tasks. `what` is for the log.
pub fn contain(what: &str, code: impl FnOnce()) {
    let mut ran = catch_unwind(AssertUnwindSafe(code));
    while let Err(panic) = ran {
        warn!("{what} has panicked");
        // What it has panicked with is dropped: code of others again.
        ran = catch_unwind(AssertUnwindSafe(|| drop(panic)));
    }
}
