//! What the book shows of terminals, in book/sessions: each session is run again, and compared.
//! Addresses are the book's own: one test at a time has the port that all sessions use.

mod format;

// From the book's words for a program to the program.
pub(super) mod programs;

// A command while it runs, and a session of them.
mod process;
mod replay;

mod difference;

// All sessions.
pub(super) mod run;
