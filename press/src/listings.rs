//! Where the book shows which source line: so that a figure can lead to it.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::book::Page;
use super::escape::escape;
use super::{includes, scan};

/// Lines of a file that a page shows.
pub(super) struct Listing {
    /// Relative to the workspace, with `/`.
    pub(super) file: String,
    lines: RangeInclusive<usize>,
    /// Relative to book/src.
    page: PathBuf,
    /// The byte of the page at which the line with the opening fence starts.
    at: usize,
}

impl Listing {
    /// Like `listing-01-blocking-src-echo-rs-24`.
    fn id(&self) -> String {
        let name = self.file.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        format!("listing-{name}-{}", self.lines.start())
    }
}

/// The listings of the pages of the workspace at `root`, in their order: what is included in the first
/// line of a code block. What does not resolve is left out: the checks of the pages say so.
pub(super) fn listings(pages: &[(PathBuf, String)], root: &Path) -> Vec<Listing> {
    let mut all = Vec::new();
    for (page, text) in pages {
        for fence in scan::outline(text).fences {
            let first = fence.body.first().and_then(|line| line.strip_prefix("{{#include "));
            let Some((arguments, _)) = first.and_then(|line| line.split_once("}}")) else {
                continue;
            };
            let Ok(include) = includes::resolve(arguments, page, root) else { continue };
            let file = include.file.to_string_lossy().replace('\\', "/");
            let (page, at) = (page.clone(), fence.at);
            all.push(Listing { file, lines: include.lines, page, at });
        }
    }
    all
}

/// The link from a page to the first listing that shows this line of a file: on the page itself, or
/// else on another.
pub(super) fn link(page: &Page<'_>, file: &str, line: u64) -> Option<String> {
    let shows = |listing: &&Listing| {
        listing.file == file && usize::try_from(line).is_ok_and(|n| listing.lines.contains(&n))
    };
    let all = page.book.listings.iter();
    let listing = all.filter(shows).min_by_key(|listing| listing.page != page.path)?;
    if listing.page == page.path {
        return Some(format!("#{}", listing.id()));
    }
    let to = listing.page.to_string_lossy().replace('\\', "/");
    Some(format!("{}{to}#{}", page.to_root(), listing.id()))
}

/// The text of a page with HTML above each of its listings: the place that links lead to, and for code
/// the name of its file.
pub(super) fn marked(listings: &[Listing], page: &Path, text: &str) -> String {
    let mut text = text.to_owned();
    // From below, so that those above stay where they are.
    for listing in listings.iter().rev().filter(|listing| listing.page == page) {
        let file = escape(&listing.file);
        let name =
            if file.ends_with(".rs") { format!("<code>{file}</code>") } else { String::new() };
        let head = format!("<div class=\"listing\" id=\"{}\">{name}</div>\n\n", listing.id());
        text.insert_str(listing.at, &head);
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::book::{Book, Page};
    use crate::fixture::Workspace;
    use std::path::Path;

    #[test]
    fn a_line_leads_to_the_listing_that_shows_it() {
        let workspace = Workspace::with_book();
        let listing = "# S {#s}\n\n```rust\n{{#include ../../listing/src/lib.rs:sleep}}\n```\n";
        workspace.write("book/src/start.md", listing);
        let book = Book::read(workspace.path()).unwrap();
        let link = |path: &str, line| {
            let page = Page { book: &book, path: Path::new(path) };
            super::link(&page, "listing/src/lib.rs", line)
        };
        let id = "#listing-listing-src-lib-rs-4";
        assert_eq!(link("waker/page.md", 6).unwrap(), id);
        assert_eq!(link("other/deep.md", 4).unwrap(), format!("../start.md{id}"));
        assert_eq!(link("start.md", 1), None);
    }
}
