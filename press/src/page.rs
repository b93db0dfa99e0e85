//! A page whose directives are replaced, and what they may ask it for.

use super::listings::Listings;
use std::path::Path;
use std::time::Duration;
use workshop::workspace::Workspace;

/// The page whose directives are replaced.
pub(super) struct Page<'a> {
    /// The folder of book.toml, where paths in directives start.
    pub(super) book: &'a Path,
    /// The page itself, from book/src.
    pub(super) path: &'a Path,
    /// From [`workspace_of`].
    pub(super) workspace: &'a Result<Workspace, String>,
    /// Those of all pages.
    pub(super) listings: &'a Listings,
}

impl<'a> Page<'a> {
    /// What leads from the page to book/src: `../` for each folder it is in.
    pub(super) fn to_root(&self) -> String {
        "../".repeat(self.path.components().count().saturating_sub(1))
    }

    pub(super) fn workspace(&self) -> Result<&'a Workspace, String> {
        self.workspace.as_ref().map_err(Clone::clone)
    }
}

/// The exercises that pages may name, or why there are none: only a page that names one minds.
pub(super) fn workspace_of(book: &Path) -> Result<Workspace, String> {
    // No test runs here, so none needs time.
    Workspace::find(book, Duration::ZERO).map_err(|error| format!("{error:#}"))
}
