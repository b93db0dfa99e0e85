//! Where the book shows which source line: so that a figure can lead to it.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

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
    /// Where the directive stands in its page.
    at: usize,
}

impl Listings {
    /// Those of the pages of the workspace at `root`. What does not resolve is left out: the checks of
    /// the pages say so.
    pub(super) fn of<'a>(
        pages: impl Iterator<Item = (&'a PathBuf, &'a String)>,
        root: &Path,
    ) -> Self {
        let mut all = Vec::new();
        for (page, text) in pages {
            let file = root.join("book/src").join(page);
            let folder = file.parent().expect("a file has a folder");
            // Marked, so that links can lead there, is the first line of a block: see `directives`.
            let fences: Vec<_> =
                scan::outline(text).fences.iter().map(|fence| fence.line).collect();
            let is_first = |line: usize| fences.contains(&(line - 1));
            let all_of_page = scan::directives(text).into_iter();
            for directive in all_of_page.filter(|d| d.name == "include" && is_first(d.line)) {
                let arguments = directive.arguments.unwrap_or_default();
                let Ok(include) = includes::resolve(arguments, folder, root) else { continue };
                let file = include.file.to_string_lossy().replace('\\', "/");
                let (page, at) = (page.clone(), directive.span.start);
                all.push(Listing { file, lines: include.lines, page, at });
            }
        }
        Self(all)
    }

    /// The id of the first listing that shows this line of a file: on the page `from`, or else on
    /// another, which is returned too.
    pub(super) fn first(
        &self,
        from: &Path,
        file: &str,
        line: u64,
    ) -> Option<(Option<&Path>, String)> {
        let shows = |listing: &&Listing| {
            listing.file == file && usize::try_from(line).is_ok_and(|n| listing.lines.contains(&n))
        };
        let here = self.0.iter().find(|listing| listing.page == from && shows(listing));
        let listing = here.or_else(|| self.0.iter().find(shows))?;
        Some((here.is_none().then_some(&*listing.page), listing.id()))
    }

    /// HTML for above the listing of `page` whose directive stands at this byte: the place that links
    /// lead to, and for code the name of its file.
    pub(super) fn head(&self, page: &Path, at: usize) -> Option<String> {
        let listing = self.0.iter().find(|listing| listing.page == page && listing.at == at)?;
        let file = escape(&listing.file);
        let name =
            if file.ends_with(".rs") { format!("<code>{file}</code>") } else { String::new() };
        Some(format!("<div class=\"listing\" id=\"{}\">{name}</div>", listing.id()))
    }
}

impl Listing {
    /// Like `listing-01-blocking-src-echo-rs-24`.
    fn id(&self) -> String {
        let name: String =
            self.file.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("listing-{name}-{}", self.lines.start())
    }
}
