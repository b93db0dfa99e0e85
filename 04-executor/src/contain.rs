//! Code of others that runs between our steps: a drop, a waker.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::warn;

/// Runs `code`, and keeps a panic in it from ending the thread that runs tasks. `what` is for the log.
pub(crate) fn contain(what: &str, code: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(code)) {
        warn!("{what} has panicked");
        // Not dropped: that would be code of others again.
        std::mem::forget(panic);
    }
}
