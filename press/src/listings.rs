//! Where the book shows which source line: so that a figure can lead to it.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::escape::escape;
use super::{includes, scan};

/// Lines of a file that a page shows.
pub(super) struct Listing {
    /// Relative to the workspace, with `/`.
    pub(super) file: String,
    pub(super) lines: RangeInclusive<usize>,
    /// Relative to book/src.
    pub(super) page: PathBuf,
    /// The byte of the page at which the line with the opening fence starts.
    at: usize,
}

impl Listing {
    /// Like `listing-01-blocking-src-echo-rs-24`.
    pub(super) fn id(&self) -> String {
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
