//! Where the book shows which source line: so that a figure can lead to it.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::book::Page;
use super::escape::escape;
use super::{includes, scan};

/// Every listing of the book, in the order of the pages.
pub(super) struct Listings(Vec<Listing>);

/// Lines of a file that a page shows.
struct Listing {
    /// Relative to the workspace, with `/`.
    file: String,
    lines: RangeInclusive<usize>,
    /// Relative to book/src.
    page: PathBuf,
    /// The byte of the page at which the line with the opening fence starts.
    at: usize,
}

impl Listings {
    /// Those of the pages of the workspace at `root`: what is included in the first line of a code
    /// block. What does not resolve is left out: the checks of the pages say so.
    pub(super) fn of(pages: &[(PathBuf, String)], root: &Path) -> Self {
        let mut all = Vec::new();
        for (page, text) in pages {
            for fence in scan::outline(text).fences {
                let first = fence.body.first().copied().unwrap_or_default();
                let mut directives = scan::directives(first).into_iter();
                let arguments = directives.find(|found| found.name == "include");
                let arguments = arguments.and_then(|found| found.arguments).unwrap_or_default();
                let Ok(include) = includes::resolve(arguments, page, root) else { continue };
                let file = include.file.to_string_lossy().replace('\\', "/");
                let (page, at) = (page.clone(), fence.at);
                all.push(Listing { file, lines: include.lines, page, at });
            }
        }
        Self(all)
    }

    /// The files that are shown, relative to the workspace.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|listing| &*listing.file)
    }

    /// The link from a page to the first listing that shows this line of a file: on the page itself,
    /// or else on another.
    pub(super) fn link(&self, page: &Page<'_>, file: &str, line: u64) -> Option<String> {
        let shows = |listing: &&Listing| {
            listing.file == file && usize::try_from(line).is_ok_and(|n| listing.lines.contains(&n))
        };
        let listing = self.0.iter().filter(shows).min_by_key(|found| found.page != page.path)?;
        if listing.page == page.path {
            return Some(format!("#{}", listing.id()));
        }
        let to = listing.page.to_string_lossy().replace('\\', "/");
        Some(format!("{}{to}#{}", page.to_root(), listing.id()))
    }

    /// The text of a page with HTML above each listing: the place that links lead to, and for code the
    /// name of its file.
    pub(super) fn marked(&self, page: &Path, text: &str) -> String {
        let mut text = text.to_owned();
        for listing in self.0.iter().rev().filter(|listing| listing.page == page) {
            let file = escape(&listing.file);
            let name =
                if file.ends_with(".rs") { format!("<code>{file}</code>") } else { String::new() };
            let head = format!("<div class=\"listing\" id=\"{}\">{name}</div>\n\n", listing.id());
            text.insert_str(listing.at, &head);
        }
        text
    }
}

impl Listing {
    /// Like `listing-01-blocking-src-echo-rs-24`.
    fn id(&self) -> String {
        let name = self.file.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        format!("listing-{name}-{}", self.lines.start())
    }
}

#[cfg(test)]
mod tests {
    use crate::book::{Book, Page};
    use crate::fixture::Workspace;
    use std::path::Path;

    #[test]
    fn a_line_leads_to_the_listing_that_shows_it() {
        let workspace = Workspace::with_book();
        let book = Book::read(workspace.path()).unwrap();
        let link = |path: &str, line| {
            let page = Page { book: &book, path: Path::new(path) };
            book.listings.link(&page, "listing/src/lib.rs", line)
        };
        let id = "listing-listing-src-lib-rs-4";
        assert_eq!(link("start.md", 6), Some(format!("waker/page.md#{id}")));
        assert_eq!(link("waker/page.md", 6), Some(format!("#{id}")));
        assert_eq!(link("other/deep.md", 4), Some(format!("../waker/page.md#{id}")));
        assert_eq!(link("start.md", 1), None);
    }
}
