//! Stage 01: one thread waits for one socket.
//!
//! Three echo servers that differ in one respect: which thread waits for which client. Read the
//! files in this order:
//!
//! - [`echo`]: one conversation, from the first byte to the last.
//! - [`accept`]: the next client, whatever has gone wrong with others.
//! - [`sequential`]: one thread, so one client at a time.
//! - [`limit`]: how many conversations may be open.
//! - [`threads`]: a thread for each client.
//! - [`pool`]: a fixed number of threads, and a queue in front of them.
//!
//! The book's chapter 01 explains them, and shows what they do when you run them.

pub mod echo;

pub mod accept;

pub mod sequential;

pub mod limit;

pub mod threads;

pub mod pool;
