//! Checks that SUMMARY.md and the pages on disk name each other.

use anyhow::Context;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use workshop::nearest::did_you_mean;

/// `[Title](01-blocking/page.md)` on a line of SUMMARY.md.
struct Entry {
    line: usize,
    /// Relative to book/src.
    page: PathBuf,
}

/// What is wrong with the table of contents: file relative to book/src, line counted from 1,
/// sentence.
///
/// `pages` are all .md files under book/src, `included` those that are part of another page.
pub(super) fn problems(
    summary: Option<&str>,
    pages: &BTreeSet<PathBuf>,
    included: &BTreeSet<PathBuf>,
) -> Vec<(PathBuf, usize, String)> {
    let file = Path::new("SUMMARY.md");
    let Some(summary) = summary else {
        let message = "the book has no table of contents: add this file with a line `- [Title](page.md)` for each page.";
        return vec![(file.to_owned(), 1, message.to_owned())];
    };
    let entries = entries(summary);
    let names: Vec<_> = pages.iter().map(|page| page.to_string_lossy()).collect();
    let mut problems = Vec::new();
    for entry in entries.iter().filter(|entry| !pages.contains(&entry.page)) {
        let page = entry.page.to_string_lossy();
        let hint = did_you_mean(
            &page,
            names.iter().map(AsRef::as_ref),
            ": write the page, or remove this line.",
        );
        problems.push((
            file.to_owned(),
            entry.line,
            format!("the page `{page}` does not exist{hint}"),
        ));
    }
    for page in pages.iter().filter(|page| *page != file && !included.contains(*page)) {
        if !entries.iter().any(|entry| entry.page == *page) {
            let message = format!(
                "no line of SUMMARY.md names this page, so the book leaves it out: add `- [Title]({})` there.",
                page.display()
            );
            problems.push((page.clone(), 1, message));
        }
    }
    problems
}

/// The pages that SUMMARY.md names, relative to book/src, each with its line.
///
/// # Errors
/// SUMMARY.md cannot be read.
pub(super) fn named_pages(workspace: &Path) -> anyhow::Result<Vec<(usize, PathBuf)>> {
    let file = workspace.join("book/src/SUMMARY.md");
    let summary = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(entries(&summary).into_iter().map(|entry| (entry.line, entry.page)).collect())
}

/// The links of SUMMARY.md. `[Title]()` is a draft, and names no page.
fn entries(summary: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (line, text) in (1..).zip(summary.lines()) {
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().unwrap_or_default().trim();
            let target = target.trim_start_matches("./").replace("%20", " ");
            if !target.is_empty() {
                entries.push(Entry { line, page: target.into() });
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The only problem, or "".
    fn check(summary: Option<&str>, pages: &[&str], included: &[&str]) -> String {
        let set = |names: &[&str]| names.iter().map(PathBuf::from).collect();
        let mut found = problems(summary, &set(pages), &set(included));
        assert!(found.len() < 2, "{found:?}");
        let problem =
            found.pop().map(|(file, line, text)| format!("{}:{line}: {text}", file.display()));
        problem.unwrap_or_default()
    }

    #[test]
    fn entries_and_pages_match() {
        let summary = "# Summary\n\n[A](./a.md)\n- [B `x`](b/page.md)\n  - [Draft]()\n";
        let pages = ["SUMMARY.md", "a.md", "b/page.md", "part.md"];
        assert_eq!(check(Some(summary), &pages, &["part.md"]), "");
        let found =
            check(Some("- [A](a.md)\n- [B](b/pag.md)\n"), &["a.md", "b/page.md"], &["b/page.md"]);
        let sentence =
            "SUMMARY.md:2: the page `b/pag.md` does not exist: did you mean `b/page.md`?";
        assert!(found.starts_with(sentence), "{found}");
        let found = check(Some("- [A](a.md)\n"), &["a.md", "b.md"], &[]);
        assert!(found.starts_with("b.md:1: no line of SUMMARY.md names this page"), "{found}");
        assert!(check(None, &["a.md"], &[]).contains("no table of contents"));
    }
}
