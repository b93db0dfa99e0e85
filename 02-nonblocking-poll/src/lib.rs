//! Stage 02: one thread waits for all sockets.
//!
//! Two echo servers that never wait in a `read`. They differ in what they do when no socket has
//! anything: one asks again, the other lets the kernel tell. Read the files in this order:
//!
//! - [`outbox`]: what the peer has not taken yet, and how much that may become.
//! - [`connection`]: a conversation that can stop anywhere, and go on: a state machine.
//! - [`spin`]: asks every socket, all the time.
//! - [`park`]: where the thread sleeps.
//! - [`slab`]: from the number that comes with an event to the connection that it is about.
//! - [`accept`]: the next connections, and what is done when there can be none.
//! - [`event_loop`]: an event wakes a connection, and the run queue gives it a turn.
//!
//! The book's chapter 02 explains each beside what it does when you run it.

pub mod outbox;

pub mod connection;

pub mod spin;

pub mod park;

pub mod slab;

pub mod accept;

pub mod event_loop;
