//! Checks that SUMMARY.md names each page on disk. A page that it names and that is not there is an
//! error of mdBook.

use anyhow::Context;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What is wrong with the table of contents: file relative to book/src, and a sentence.
///
/// `pages` are all .md files under book/src, `included` those that are part of another page.
pub(super) fn problems(
    summary: Option<&str>,
    pages: &BTreeSet<PathBuf>,
    included: &BTreeSet<PathBuf>,
) -> Vec<(PathBuf, String)> {
    let file = Path::new("SUMMARY.md");
    let Some(summary) = summary else {
        let message = "the book has no table of contents: add this file with a line `- [Title](page.md)` for each page.";
        return vec![(file.to_owned(), message.to_owned())];
    };
    let entries = entries(summary);
    let is_named = |page: &&PathBuf| entries.iter().any(|(_, entry)| entry == *page);
    let others = pages.iter().filter(|page| *page != file && !included.contains(*page));
    let problem = |page: &PathBuf| {
        let message = format!(
            "no line of SUMMARY.md names this page, so the book leaves it out: add `- [Title]({})` there.",
            page.display()
        );
        (page.clone(), message)
    };
    others.filter(|page| !is_named(page)).map(problem).collect()
}

/// The pages that SUMMARY.md names, relative to book/src, each with its line.
///
/// # Errors
/// SUMMARY.md cannot be read.
pub(super) fn named_pages(workspace: &Path) -> anyhow::Result<Vec<(usize, PathBuf)>> {
    let file = workspace.join("book/src/SUMMARY.md");
    let summary = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(entries(&summary))
}

/// The links of SUMMARY.md. `[Title]()` is a draft, and names no page.
fn entries(summary: &str) -> Vec<(usize, PathBuf)> {
    let mut entries = Vec::new();
    for (line, text) in (1..).zip(summary.lines()) {
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().unwrap_or_default().trim();
            let target = target.trim_start_matches("./").replace("%20", " ");
            if !target.is_empty() {
                entries.push((line, target.into()));
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files that something is said of.
    fn check(summary: Option<&str>, pages: &[&str]) -> Vec<PathBuf> {
        let set = |names: &[&str]| names.iter().map(PathBuf::from).collect();
        let found = problems(summary, &set(pages), &set(&["part.md"]));
        found.into_iter().map(|(file, _)| file).collect()
    }

    #[test]
    fn every_page_that_is_no_part_of_another_is_named() {
        let summary = "# Summary\n\n[A](./a.md)\n- [B `x`](b/page.md)\n  - [Draft]()\n";
        let pages = ["SUMMARY.md", "a.md", "b/page.md", "part.md"];
        assert_eq!(check(Some(summary), &pages), [""; 0].map(PathBuf::from));
        assert_eq!(check(Some("- [A](a.md)\n"), &["a.md", "b.md"]), [PathBuf::from("b.md")]);
        assert_eq!(check(None, &["a.md"]), [PathBuf::from("SUMMARY.md")]);
    }
}
