//! Stage 05: sockets on the executor.
//!
//! Stage 02 waits for all sockets on one thread, and keeps a state machine for each. Here the compiler
//! writes the state machines: an event wakes a task, and the task tries again. Read the files in this
//! order:
//!
//! - [`slab`]: from the number that comes with an event to what it is about (as in stage 02).
//! - `direction`: one direction of a socket: whether a call may succeed, and which tasks wait until it may.
//! - [`reactor`]: waits for all sockets, and wakes the tasks that wait for one.
//! - `io`: a socket and its place in the reactor. The call first, then the wait.
//! - `waiters`: tasks that wait until something is true.
//! - `blocking`: threads that may block.
//! - [`runtime`]: the executor, whose threads sleep in the reactor.
//! - [`unblock`](mod@unblock): calls that block, awaited.
//! - [`net`]: listeners and streams.
//! - [`fs`]: files, which no poller can wait for.
//! - [`signal`]: the request to end, as a future.
//! - [`connections`]: how many there are, and when the last one ends.
//! - [`serve`](mod@serve): the accept loop.
//! - [`echo`]: a conversation.
//!
//! The rungs that lead here are in `examples/`.

pub mod slab;

mod direction;

pub mod reactor;

mod io;

mod waiters;

mod blocking;

pub mod runtime;

pub mod unblock;

pub mod net;

pub mod fs;

pub mod signal;

pub mod connections;

pub mod serve;

pub mod echo;

pub use executor::{
    Handle, JoinError, JoinHandle, interval, sleep, sleep_until, spawn, spawn_local, spawn_named,
    timeout, yield_now,
};
pub use net::{TcpListener, TcpStream};
pub use runtime::Runtime;
pub use serve::serve;
pub use unblock::unblock;
