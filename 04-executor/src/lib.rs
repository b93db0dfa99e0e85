//! Stage 04: an executor, rung by rung.
//!
//! An executor owns tasks, and polls those that were woken. This one knows no socket: it sleeps in a
//! [`Park`], and stage 05 brings one that is a poller. Read the files in this order:
//!
//! - [`state`]: what a task is doing, in one word.
//! - `task`: a future, its state and its result in one allocation.
//! - [`join_handle`], [`join_error`]: what `spawn` returns.
//! - `queue`: tasks that can be polled.
//! - [`sleepers`]: which workers sleep.
//! - [`park`]: how they do.
//! - `worker`: what a thread does: run, look, sleep.
//! - `shared`, `owned`, `context`: what the threads share, the tasks that must end, who the caller is.
//! - [`executor`](mod@executor): the way in.
//! - `local`: tasks that are not `Send`.
//! - `timers`, [`time`], [`clock`]: waiting for the time.
//! - [`budget`]: how much a task may do in one poll.
//! - [`mutex`]: a lock that is awaited.
//!
//! The rungs that lead here are in `examples/`. The book's chapter 4 walks them.

mod sync;

pub mod state;

pub mod task;

pub mod join_handle;

pub mod join_error;

mod queue;

pub mod sleepers;

pub mod park;

mod worker;

mod shared;

mod owned;

mod context;

pub mod executor;

mod local;

mod timers;

pub mod time;

pub mod clock;

pub mod budget;

pub mod mutex;

pub use executor::{Builder, Executor, Handle, block_on, spawn, spawn_local, spawn_named};
pub use join_error::JoinError;
pub use join_handle::JoinHandle;
pub use park::{Park, Unpark};
pub use time::{interval, sleep, timeout};
pub use waker::yield_now::yield_now;
