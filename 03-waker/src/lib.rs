//! Stage 03: who tells whom.
//!
//! A future that cannot continue returns `Pending`, and is not run again until it is woken. Everything
//! here is about that promise: who holds the waker, who calls it, and what is run then. No sockets and
//! no runtime. Read the files in this order:
//!
//! - [`slot`]: where a waker is kept while its task waits.
//! - [`event`]: a leaf future, which waits for something outside, and not for another future.
//! - [`timer`]: a leaf future that waits until some time has passed.
//! - [`block_on`](mod@block_on): runs one future on the calling thread, which sleeps between polls.
//! - [`vtable`]: what a waker is made of, by hand.
//! - [`traced`]: a future inside a future, and what pinning asks of the outer one.
//! - [`yield_now`]: returns `Pending` once, after it has woken its task.
//! - [`join`]: several futures in one task, all of them run to the end.
//! - [`select`]: several futures in one task, until the first has finished.
//! - [`stream`]: a future that has many results, one after another.
//! - [`unordered`]: a waker for each child, so that only those that were woken are polled.
//!
//! The road that leads to them, from a state machine with a callback to the real trait, is in
//! `examples/`. The book's chapter 3 walks through both.

mod sync;

pub mod slot;

pub mod event;

pub mod timer;

pub mod block_on;

pub mod vtable;

pub mod traced;

pub mod yield_now;

pub mod join;

pub mod select;

pub mod stream;

pub mod unordered;

pub use block_on::block_on;
pub use slot::WakerSlot;
