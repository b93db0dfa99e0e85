//! The arena: the servers of this project against each other, measured from outside; and its task
//! runtime against others.
//!
//! Linux only: it reads /proc, and its load and its yardstick are made of epoll. Read the files in
//! this order:
//!
//! - [`contestant`]: who takes part, how it is built and started.
//! - [`launch`]: the step between us and a server: a processor of its own, and the same end.
//! - [`cores`]: which processor is whose.
//! - [`message`]: bytes that tell connections and rounds apart.
//! - [`load`]: many clients on one thread, each of which waits for its echo.
//! - [`process`]: what the system knows of a server: memory, processor, switches.
//! - [`sample`]: one server, one number of connections, one window.
//! - [`syscalls`]: which system calls an echo takes.
//! - [`statistics`]: the middle of several rounds, and how far they lie apart.
//! - [`results`]: the file that the book quotes.
//! - [`echo`]: all of it, in rounds.
//! - [`idle`]: what silent clients cost.
//! - [`churn`]: what short connections leave behind.
//! - [`runtimes`]: task runtimes, each through the same few calls.
//! - [`tasks`]: what they take to spawn, to yield, to wake, to wait.

#[cfg(not(target_os = "linux"))]
compile_error!("the arena measures by Linux's /proc and epoll: run it on Linux, or in a container");

pub mod contestant;

pub mod launch;

pub mod cores;

pub mod message;

pub mod load;

pub mod process;

pub mod sample;

pub mod syscalls;

pub mod statistics;

pub mod results;

pub mod echo;

pub mod idle;

pub mod churn;

pub mod runtimes;

pub mod tasks;
