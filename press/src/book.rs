//! The sources of the book, as mdBook reads them: once for each build.

use super::listings::{Listing, listings};
use anyhow::Context;
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use workshop::workspace::Workspace;

/// What pages are made of, and may name.
pub(crate) struct Book {
    /// The exercises.
    pub(super) workspace: Workspace,
    /// The path of each page from book/src, and its text, in the order of SUMMARY.md.
    pub(super) pages: Vec<(PathBuf, String)>,
    pub(super) listings: Vec<Listing>,
}

/// A page whose directives are replaced.
pub(super) struct Page<'a> {
    pub(super) book: &'a Book,
    /// From book/src.
    pub(super) path: &'a Path,
}

/// A mistake in the book's sources, printed as `book/src/page.md:12: what is wrong: what to
/// do.`
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

/// Has mdBook read book.toml, SUMMARY.md, and the pages that it names.
///
/// # Errors
/// One of them cannot be read.
pub(super) fn load(root: &Path) -> anyhow::Result<MDBook> {
    let folder = root.join("book");
    let mut config = Config::from_disk(folder.join("book.toml"))
        .context("book/book.toml is not a configuration of mdBook: correct the line below")?;
    config.build.create_missing = false;
    MDBook::load_with_config(folder, config)
        .context("mdBook cannot read book/src/SUMMARY.md or a page that it names")
}

impl Book {
    /// Reads the book of the workspace at `root`.
    ///
    /// # Errors
    /// A page, or a manifest of exercises, that cannot be read.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        Self::of(&load(root)?, root)
    }

    pub(super) fn of(book: &MDBook, root: &Path) -> anyhow::Result<Self> {
        let chapters = book.book.chapters();
        let pages =
            chapters.filter_map(|page| Some((page.source_path.clone()?, page.content.clone())));
        let pages: Vec<_> = pages.collect();
        Ok(Self {
            // No test runs here, so none needs time.
            workspace: Workspace::find(root, Duration::ZERO)?,
            listings: listings(&pages, root),
            pages,
        })
    }

    /// The text of a page, if there is such a page.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        let (_, text) = self.pages.iter().find(|(page, _)| page == Path::new(path))?;
        Some(text)
    }
}

impl Page<'_> {
    /// What leads from the page to book/src: `../` for each folder it is in.
    pub(super) fn to_root(&self) -> String {
        "../".repeat(self.path.components().count().saturating_sub(1))
    }
}
