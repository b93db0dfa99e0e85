//! Where the book shows which source line: so that a figure can lead to it.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::escape::escape;
use super::{includes, scan, summary};

/// Every listing of the book, in the order of the pages.
#[derive(Default)]
pub(super) struct Listings(Vec<Listing>);

/// Lines of a file that a page shows.
struct Listing {
    /// Relative to the workspace, with `/`.
    file: String,
    lines: RangeInclusive<usize>,
    /// Relative to book/src.
    page: PathBuf,
    /// Where the directive stands in its page.
    at: usize,
}

impl Listings {
    /// Reads all pages that SUMMARY.md names; `book` is the folder of book.toml. What cannot be read
    /// or does not resolve is left out: the checks of the pages say so.
    pub(super) fn read(book: &Path) -> Self {
        let source = book.join("src");
        let workspace = book.parent().unwrap_or(book);
        let mut all = Vec::new();
        for (_, page) in summary::named_pages(workspace).unwrap_or_default() {
            let Ok(text) = std::fs::read_to_string(source.join(&page)) else { continue };
            let folder = source.join(&page).parent().map(Path::to_owned).unwrap_or_default();
            // Marked, so that links can lead there, is the first line of a block: see `directives`.
            let fences: Vec<_> =
                scan::outline(&text).fences.iter().map(|fence| fence.line).collect();
            let is_first = |line: usize| fences.contains(&(line - 1));
            let all_of_page = scan::directives(&text).into_iter();
            for directive in all_of_page.filter(|d| d.name == "include" && is_first(d.line)) {
                let span = includes::lines_of(directive.arguments.unwrap_or_default(), &folder);
                let Some((file, lines)) = span else { continue };
                let Some(file) = relative(&file, workspace) else { continue };
                all.push(Listing { file, lines, page: page.clone(), at: directive.span.start });
            }
        }
        Self(all)
    }

    /// The link, from `page`, to the first listing that shows this line.
    pub(super) fn link(&self, page: &Path, file: &str, line: u64) -> Option<String> {
        let shows = |listing: &&Listing| {
            listing.file == file && usize::try_from(line).is_ok_and(|n| listing.lines.contains(&n))
        };
        // The reader's own page first.
        let here = self.0.iter().find(|listing| listing.page == page && shows(listing));
        let listing = here.or_else(|| self.0.iter().find(shows))?;
        if listing.page == page {
            return Some(format!("#{}", listing.id()));
        }
        let up = "../".repeat(page.components().count().saturating_sub(1));
        let page = listing.page.to_string_lossy().replace('\\', "/");
        Some(format!("{up}{page}#{}", listing.id()))
    }

    /// HTML for above the listing of `page` whose directive stands at this byte: the place that links
    /// lead to, and for code the name of its file.
    pub(super) fn head(&self, page: &Path, at: usize) -> Option<String> {
        let here = |listing: &&Listing| listing.page == page && listing.at == at;
        self.0.iter().find(here).map(Listing::head)
    }
}

impl Listing {
    fn head(&self) -> String {
        let file = escape(&self.file);
        let name =
            if self.file.ends_with(".rs") { format!("<code>{file}</code>") } else { String::new() };
        format!("<div class=\"listing\" id=\"{}\">{name}</div>", self.id())
    }

    /// Like `listing-01-blocking-src-echo-rs-24`.
    fn id(&self) -> String {
        let name: String =
            self.file.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("listing-{name}-{}", self.lines.start())
    }
}

fn relative(file: &Path, workspace: &Path) -> Option<String> {
    let (file, workspace) = (file.canonicalize().ok()?, workspace.canonicalize().ok()?);
    Some(file.strip_prefix(workspace).ok()?.to_string_lossy().replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::build;
    use crate::fixture::Workspace;

    #[test]
    fn a_line_leads_to_the_listing_that_shows_it() {
        let workspace = Workspace::with_book();
        let listings = Listings::read(&workspace.path().join("book"));
        let link = |page: &str, line| listings.link(Path::new(page), "listing/src/lib.rs", line);
        let id = "listing-listing-src-lib-rs-4";
        assert_eq!(link("start.md", 6), Some(format!("waker/page.md#{id}")));
        assert_eq!(link("waker/page.md", 6), Some(format!("#{id}")));
        assert_eq!(link("other/deep.md", 4), Some(format!("../waker/page.md#{id}")));
        assert_eq!(link("start.md", 1), None);
    }

    #[test]
    fn a_listing_of_code_says_which_file_it_is_from() {
        let workspace = Workspace::with_book();
        let html = build(workspace.path(), &workspace.path().join("out")).unwrap();
        let page = std::fs::read_to_string(html.join("waker/page.html")).unwrap();
        let head = "<div class=\"listing\" id=\"listing-listing-src-lib-rs-4\"><code>listing/src/lib.rs</code></div>";
        assert!(page.contains(head), "{page}");
    }
}
