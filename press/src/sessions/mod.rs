//! What the book shows of terminals, in book/sessions: each session is run again, and compared.
//! Addresses are the book's own: one test at a time has the port that all sessions use.

mod format;

// A command while it runs, and a session of them.
pub(super) mod process;
mod replay;

// All sessions.
pub(super) mod run;
