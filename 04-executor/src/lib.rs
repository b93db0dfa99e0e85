//! Stage 04: an executor, rung by rung.
//!
//! An executor owns tasks, and polls those that were woken. This one knows nothing of sockets: it sleeps
//! in a [`Park`], and stage 05 supplies one that is a poller. Read the files in this order:
//!
//! - [`state`]: what a task is doing, in one word.
//! - [`contain`]: foreign code, which may panic.
//! - `task`: a future, its state and its result in one allocation.
//! - [`join_handle`], [`join_error`]: what `spawn` returns.
//! - `queue`: tasks that can be polled.
//! - [`sleepers`]: which workers sleep.
//! - [`park`]: how they do.
//! - `worker`: what a thread does: run, look, sleep.
//! - `current`, `shared`, `owned`: which worker a thread is, what all threads share, which tasks must end.
//! - `local`: tasks that are not `Send`.
//! - `context`, `global`: what the calling thread is; tasks that any thread may run.
//! - [`spawn`](mod@spawn), [`executor`](mod@executor): the way in.
//! - `timers`, [`time`], [`clock`]: waiting for a moment in time.
//! - [`budget`]: how much a task may do in one poll.
//! - [`mutex`]: a lock that is awaited.
//!
//! The rungs that lead here are in `examples/`. The book's chapter 4 walks them.

mod sync;

pub mod state;

pub mod contain;

mod task;

pub mod join_handle;

pub mod join_error;

mod queue;

pub mod sleepers;

pub mod park;

mod worker;

mod current;

mod shared;

mod owned;

mod local;

mod context;

mod global;

pub mod spawn;

pub mod executor;

mod timers;

pub mod time;

pub mod clock;

pub mod budget;

pub mod mutex;

#[cfg(test)]
mod seeded;

pub use executor::{Builder, Executor, block_on};
pub use join_error::JoinError;
pub use join_handle::JoinHandle;
pub use park::{Park, Unpark};
pub use spawn::{Handle, spawn, spawn_local, spawn_named};
pub use time::{interval, sleep, sleep_until, timeout};
pub use waker::yield_now::yield_now;
