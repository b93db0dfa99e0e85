//! What the dashboard waits for.

use std::path::PathBuf;

use crate::press::News;

/// What changes the dashboard.
pub(crate) enum Event {
    Saved(Vec<PathBuf>),
    Book(News),
    Key(char),
    /// The terminal has another size, or was used by another program.
    Redraw,
}
