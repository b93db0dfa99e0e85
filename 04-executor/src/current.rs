//! Which executor the calling thread works for, and which of its workers it is.

use std::cell::Cell;

use crate::sync::thread_local;

/// A worker: the address of what the threads of its executor share, and its number.
pub(crate) type Current = (usize, usize);

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

/// Makes the calling thread a worker, or no worker. Returns what it was. Does nothing while the thread ends.
pub(crate) fn replace(current: Option<Current>) -> Option<Current> {
    CURRENT.try_with(|own| own.replace(current)).ok().flatten()
}

/// The number of the worker that the calling thread is, if it works for the executor whose `Shared` is
/// at this address.
pub(crate) fn worker_of(executor: usize) -> Option<usize> {
    let current = CURRENT.try_with(Cell::get).ok().flatten();
    current.filter(|(address, _)| *address == executor).map(|(_, worker)| worker)
}
