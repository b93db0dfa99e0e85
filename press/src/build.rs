//! Builds the book with mdBook as a library, after checking what mdBook would get wrong in
//! silence.

use super::check::problems;
use super::directives::Workshop;
use super::summary::named_pages;
use anyhow::{Context, bail, ensure};
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use mdbook_preprocessor::book::BookItem;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Renders WORKSPACE/book into `out`, whose contents are lost, and returns the folder with the
/// HTML.
///
/// # Errors
/// All problems of the pages, one a line; a book.toml or SUMMARY.md that mdBook does not
/// understand; an `out` that cannot be written.
pub(crate) fn build(workspace: &Path, out: &Path) -> anyhow::Result<PathBuf> {
    let problems: Vec<_> = problems(workspace)?.iter().map(ToString::to_string).collect();
    ensure!(problems.is_empty(), problems.join("\n"));

    let book = workspace.join("book");
    let toml = book.join("book.toml");
    ensure!(
        toml.is_file(),
        "book/book.toml does not exist: restore it, for example with `git restore book/book.toml`"
    );
    let mut config = Config::from_disk(toml)
        .context("book/book.toml is not a configuration of mdBook: correct the line below")?;
    // mdBook takes a relative path as relative to the book.
    config.build.build_dir = std::path::absolute(out)?;
    config.build.create_missing = false;
    let mut book = MDBook::load_with_config(book, config).context(
        "book/src/SUMMARY.md is not a table of contents to mdBook: correct what is said below",
    )?;
    let read: BTreeSet<_> = book
        .iter()
        .filter_map(|item| match item {
            BookItem::Chapter(chapter) => chapter.source_path.clone(),
            _ => None,
        })
        .collect();
    let left_out = |(_, page): &(usize, PathBuf)| !read.contains(page);
    if let Some((line, page)) = named_pages(workspace)?.into_iter().find(left_out) {
        bail!(
            "book/src/SUMMARY.md:{line}: mdBook leaves out {} although it is named here: after the \
             numbered list only plain links may come, without a heading before them",
            page.display()
        );
    }
    book.with_preprocessor(Workshop);
    book.build().with_context(|| format!("the book was not written to {}", out.display()))?;
    Ok(book.build_dir_for("html"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    const SUMMARY: &str = "[Start](start.md)\n\n- [Waker](waker/page.md)\n";

    fn build_fixture(workspace: &Workspace) -> Result<PathBuf, String> {
        build(workspace.path(), &workspace.path().join("out")).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn pages_hold_listings_figures_and_the_matrix_and_an_escaped_directive_as_text() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/end.md", "# End {#end}\n\nWrite `\\{{#result x.json host}}`.\n");
        workspace.write("book/src/SUMMARY.md", &format!("{SUMMARY}\n[End](end.md)\n"));
        let html = build_fixture(&workspace).unwrap();
        let read = |page: &str| std::fs::read_to_string(html.join(page)).unwrap();
        let waker = read("waker/page.html");
        assert!(waker.contains("std::thread::park();") && !waker.contains("ANCHOR"));
        let start = read("start.html");
        assert!(start.contains("A thread reserves 2048 KiB."));
        assert!(start.contains("<span class=\"fails\">✗ fails</span>"));
        assert!(start.contains("<p>Which server would you choose?</p>"));
        assert!(read("end.html").contains("Write <code>{{#result x.json host}}</code>."));
    }

    #[test]
    fn all_problems_are_told_and_nothing_is_written() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/start.md", "# S\n\n{{#include x.rs}}\n");
        let error = build_fixture(&workspace).unwrap_err();
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(error.starts_with("book/src/start.md:1: "), "{error}");
        assert!(!workspace.path().join("out").exists());
    }

    #[test]
    fn a_summary_that_mdbook_does_not_understand_is_named() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/end.md", "# End {#end}\n");
        let no_table = "book/src/SUMMARY.md is not a table of contents";
        let left_out = "book/src/SUMMARY.md:7: mdBook leaves out end.md";
        for (end, sentence) in [
            ("[End](gone.md)\n[End](end.md)\n", no_table),
            ("[End](end.md)\n\n- [More]()\n", no_table),
            ("# Appendices\n\n[End](end.md)\n", left_out),
        ] {
            workspace.write("book/src/SUMMARY.md", &format!("{SUMMARY}\n{end}"));
            let error = build_fixture(&workspace).unwrap_err();
            assert!(error.starts_with(sentence), "{error}");
        }
    }

    #[test]
    fn a_broken_or_missing_book_toml_is_named() {
        let workspace = Workspace::with_book();
        workspace.write("book/book.toml", "[book]\ntitle = 3\n");
        let error = build_fixture(&workspace).unwrap_err();
        assert!(error.starts_with("book/book.toml is not a configuration"), "{error}");
        std::fs::remove_file(workspace.path().join("book/book.toml")).unwrap();
        let error = build_fixture(&workspace).unwrap_err();
        assert!(error.starts_with("book/book.toml does not exist"), "{error}");
    }
}
