//! What the book shows of terminals, in book/sessions: each session is run again, and compared.

mod format;

// From a line of the book to one of the shell.
pub(super) mod shell;

pub(super) mod known;

pub(super) mod programs;

mod addresses;

mod rewrite;

// From the shell to what is compared.
mod process;

mod redact;

// Whether a thread that sleeps can be told from one that runs by where it is.
mod kernel_tells;

mod replay;

mod difference;

// All sessions.
mod prepare;

pub(super) mod run;
