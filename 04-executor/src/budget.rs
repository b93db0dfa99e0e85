//! How much a task may do in one poll before it must let others have a turn.

use std::cell::Cell;
use std::task::{Context, Poll};

use crate::sync::thread_local;

/// How many operations a poll may do.
const OPERATIONS: u32 = 128;

thread_local! {
    /// What the poll that runs on this thread has left. None: no task of ours is polled here.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

// ANCHOR: budget
/// Begins a poll with a full budget, and ends it when it is dropped.
pub(crate) struct Turn(Option<u32>);

impl Turn {
    pub(crate) fn begin() -> Self {
        Self(LEFT.with(|left| left.replace(Some(OPERATIONS))))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        LEFT.with(|left| left.set(self.0));
    }
}

/// Takes one operation from the budget of the task that is polled. `Pending`: nothing is left, and the
/// task is woken already; return `Pending` as well.
///
/// For leaf futures that may be ready every time, such as a socket that always has bytes: without it a
/// loop over one would never give its thread back. Outside of a task there is no limit.
pub fn spend(cx: &mut Context<'_>) -> Poll<()> {
    match LEFT.with(Cell::get) {
        None => Poll::Ready(()),
        Some(0) => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Some(left) => {
            LEFT.with(|own| own.set(Some(left - 1)));
            Poll::Ready(())
        }
    }
}
// ANCHOR_END: budget
