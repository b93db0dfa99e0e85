//! The sources of the book, read once for each build.

use super::listings::Listings;
use anyhow::Context;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use workshop::workspace::{self, Workspace};

/// What pages are made of, and may name.
pub(crate) struct Book {
    /// The folder of book.toml, where paths in directives start.
    pub(super) folder: PathBuf,
    /// The exercises.
    pub(super) workspace: Workspace,
    /// The pages that SUMMARY.md names, in its order, each with its line.
    pub(super) contents: Vec<(usize, PathBuf)>,
    /// The text of each page by its path from book/src. SUMMARY.md is none.
    pub(super) pages: BTreeMap<PathBuf, String>,
    pub(super) listings: Listings,
}

/// A page whose directives are replaced.
pub(super) struct Page<'a> {
    pub(super) book: &'a Book,
    /// From book/src.
    pub(super) path: &'a Path,
}

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

impl Book {
    /// Reads the book of the workspace at `root`.
    ///
    /// # Errors
    /// A page or a manifest of exercises that cannot be read; no SUMMARY.md.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let folder = root.join("book");
        let source = folder.join("src");
        let mut pages = BTreeMap::new();
        for page in workspace::files(&source, "md")? {
            let text = std::fs::read_to_string(source.join(&page)).with_context(|| {
                format!("book/src/{} cannot be read: save it as UTF-8 text", page.display())
            })?;
            pages.insert(page, text);
        }
        let summary = pages.remove(Path::new("SUMMARY.md")).context(
            "the book has no table of contents: add book/src/SUMMARY.md with a line \
             `- [Title](page.md)` for each page",
        )?;
        let contents = contents(&summary);
        let in_order = contents.iter().filter_map(|(_, page)| pages.get_key_value(page));
        let listings = Listings::of(in_order, root);
        // No test runs here, so none needs time.
        let workspace = Workspace::find(root, Duration::ZERO)?;
        Ok(Self { folder, workspace, contents, pages, listings })
    }
}

impl Page<'_> {
    /// What leads from the page to book/src: `../` for each folder it is in.
    pub(super) fn to_root(&self) -> String {
        "../".repeat(self.path.components().count().saturating_sub(1))
    }

    /// The link to the first listing that shows this line of a file.
    pub(super) fn link(&self, file: &str, line: u64) -> Option<String> {
        let (page, id) = self.book.listings.first(self.path, file, line)?;
        let page = page.map(|page| page.to_string_lossy().replace('\\', "/"));
        let page = page.map_or_else(String::new, |page| format!("{}{page}", self.to_root()));
        Some(format!("{page}#{id}"))
    }
}

/// The links of SUMMARY.md. `[Title]()` is a draft, and names no page.
fn contents(summary: &str) -> Vec<(usize, PathBuf)> {
    let mut contents = Vec::new();
    for (line, text) in (1..).zip(summary.lines()) {
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().unwrap_or_default().trim();
            let target = target.trim_start_matches("./").replace("%20", " ");
            if !target.is_empty() {
                contents.push((line, target.into()));
            }
        }
    }
    contents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn the_summary_names_pages() {
        let summary = "# Summary\n\n[A](./a.md)\n- [B `x`](b/page.md)\n  - [Draft]()\n";
        assert_eq!(contents(summary), [(3, "a.md".into()), (4, "b/page.md".into())]);
    }

    #[test]
    fn a_line_leads_to_the_listing_that_shows_it() {
        let workspace = Workspace::with_book();
        let book = Book::read(workspace.path()).unwrap();
        let link = |path: &str, line| {
            Page { book: &book, path: Path::new(path) }.link("listing/src/lib.rs", line)
        };
        let id = "listing-listing-src-lib-rs-4";
        assert_eq!(link("start.md", 6), Some(format!("waker/page.md#{id}")));
        assert_eq!(link("waker/page.md", 6), Some(format!("#{id}")));
        assert_eq!(link("other/deep.md", 4), Some(format!("../waker/page.md#{id}")));
        assert_eq!(link("start.md", 1), None);
    }

    #[test]
    fn a_page_that_cannot_be_read_is_named() {
        let workspace = Workspace::with_book();
        std::fs::write(workspace.path().join("book/src/waker/page.md"), b"# \xff").unwrap();
        let error = Book::read(workspace.path()).err().unwrap().to_string();
        assert!(error.starts_with("book/src/waker/page.md cannot be read"), "{error}");
    }
}
