//! A mistake in the book, and how it is printed.

use std::fmt;
use std::path::PathBuf;

/// A mistake in the book's sources, printed as `book/src/page.md:12: what is wrong: what to
/// do.`
#[derive(Debug, PartialEq)]
pub(crate) struct Problem {
    /// Relative to the workspace.
    pub(crate) file: PathBuf,
    /// Counted from 1.
    pub(crate) line: usize,
    /// What is wrong, and what to do.
    pub(crate) message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}
