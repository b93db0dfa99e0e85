//! Awaiting calls that block: files, name lookups, whatever has no event.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use crate::runtime;
use crate::waiters::Waiters;

// ANCHOR: unblock
/// Calls `work` on a thread where it may block, and waits for what it returns. A task that called it
/// itself would stop all tasks of its thread.
///
/// The runtime has up to [`blocking_threads`](crate::runtime::Builder::blocking_threads) of them. If
/// all are busy, the call waits for its turn.
///
/// # Panics
/// If `work` panics, with its payload; outside of a [`Runtime`](crate::Runtime); if the system cannot
/// start a thread.
///
/// # Cancel safety
/// If it is dropped after its first poll, `work` still runs to its end, and what it returns is dropped.
pub async fn unblock<T, F>(work: F) -> T
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let answer = Arc::new(Answer { result: Mutex::new(None), waiters: Waiters::new() });
    let sender = answer.clone();
    runtime::current().pool.submit(Box::new(move || {
        let result = catch_unwind(AssertUnwindSafe(work));
        *sender.lock() = Some(result);
        sender.waiters.wake_all();
    }));
    match answer.waiters.until(|| answer.lock().take()).await {
        Ok(value) => value,
        Err(panic) => resume_unwind(panic),
    }
}
// ANCHOR_END: unblock

// ANCHOR: answer
/// What a call has returned, or the payload of its panic.
struct Answer<T> {
    result: Mutex<Option<thread::Result<T>>>,
    waiters: Waiters,
}
// ANCHOR_END: answer

impl<T> Answer<T> {
    fn lock(&self) -> MutexGuard<'_, Option<thread::Result<T>>> {
        self.result.lock().expect("answer lock: nothing that panics runs while it is held")
    }
}
