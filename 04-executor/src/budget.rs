//! How much a task may do in one poll before it must let others have a turn.

use std::cell::Cell;
use std::task::{Context, Poll};

use crate::sync::thread_local;

/// How many operations a poll may do.
const OPERATIONS: u32 = 128;

thread_local! {
    /// How many operations the poll on this thread has left. None: no task of ours is polled here.
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

// ANCHOR: leaf
/// Whether the task that is polled may do one more operation. `Pending`: not in this turn, and the task
/// is woken already; return `Pending` as well.
///
/// For leaf futures that may be ready every time, such as a socket that always has bytes. Without a
/// budget, a loop over one would never give its thread back. Ask before you try, and [`spend`] if the
/// future was ready. Outside of a task there is no limit.
pub fn has_left(cx: &Context<'_>) -> Poll<()> {
    if LEFT.with(Cell::get) != Some(0) {
        return Poll::Ready(());
    }
    // A task that returns `Pending` now ends its turn. One that does not return, because it is inside
    // another runtime's `block_on`, must not be refused for ever.
    LEFT.with(|left| left.set(Some(OPERATIONS)));
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Takes one operation from the budget of the task that is polled. Only for what was ready: a task that
/// waits for many things asks all of them in each poll.
pub fn spend() {
    LEFT.with(|left| left.set(left.get().map(|left| left.saturating_sub(1))));
}
// ANCHOR_END: leaf
// ANCHOR_END: budget
