//! Stage 02: one thread waits for all sockets.
//!
//! Two echo servers that never wait in a `read`. They differ in what they do when no socket has
//! anything: one asks again, the other sleeps until the kernel tells. Read the files in this order:
//!
//! - [`outbox`]: what the peer has not taken yet, and how much may wait.
//! - [`connection`]: a state machine, a conversation that can stop anywhere and continue.
//! - [`spin`]: asks every socket, all the time.
//! - [`park`]: where the thread sleeps.
//! - [`slab`]: from the number that comes with an event to the connection that it is about.
//! - [`accept`]: what an error of accept(2) means for the clients that wait.
//! - [`event_loop`]: an event wakes a connection, and the run queue gives it a turn.
//!
//! The book's chapter 02 explains them, and shows what they do when you run them.

pub mod outbox;

pub mod connection;

pub mod spin;

pub mod park;

pub mod slab;

pub mod accept;

pub mod event_loop;
