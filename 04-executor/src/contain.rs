//! Foreign code that runs between our steps: a destructor, a waker.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::warn;

/// Runs `code`. A panic in it does not end the thread, which has other tasks to run. `what` is for the log.
pub fn contain(what: &str, code: impl FnOnce()) {
    let mut ran = catch_unwind(AssertUnwindSafe(code));
    while let Err(panic) = ran {
        warn!("{what} has panicked");
        // Dropping the panic's payload runs foreign code again.
        ran = catch_unwind(AssertUnwindSafe(|| drop(panic)));
    }
}
