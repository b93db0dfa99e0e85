//! Builds the book with mdBook as a library, after checking what mdBook would get wrong in
//! silence.

use super::book::Book;
use super::check::problems;
use super::directives::Workshop;
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
    let sources = Book::read(workspace)?;
    let problems: Vec<_> = problems(&sources)?.iter().map(ToString::to_string).collect();
    ensure!(problems.is_empty(), problems.join("\n"));

    let book = workspace.join("book");
    let mut config = Config::from_disk(book.join("book.toml"))
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
    if let Some((line, page)) = sources.contents.iter().find(|(_, page)| !read.contains(page)) {
        bail!(
            "book/src/SUMMARY.md:{line}: mdBook leaves out {} although it is named here: after the \
             numbered list only plain links may come, without a heading before them",
            page.display()
        );
    }
    book.with_preprocessor(Workshop(sources));
    book.build().with_context(|| format!("the book was not written to {}", out.display()))?;
    Ok(book.build_dir_for("html"))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    #[test]
    fn pages_hold_listings_figures_and_the_matrix() {
        let workspace = Workspace::with_book();
        let start = workspace.built("start.html").unwrap();
        assert!(start.contains("A thread reserves 2048 KiB."));
        assert!(start.contains("<span class=\"fails\">✗ fails</span>"));
        assert!(start.contains("<p>Which server would you choose?</p>"));
        let waker = workspace.read("out/waker/page.html");
        assert!(waker.contains("std::thread::park();") && !waker.contains("ANCHOR"));
        let head = "<div class=\"listing\" id=\"listing-listing-src-lib-rs-4\"><code>listing/src/lib.rs</code></div>";
        assert!(waker.contains(head), "{waker}");
    }

    #[test]
    fn an_escaped_directive_is_shown_as_text() {
        let text = "Write `\\{{#result results/cost.json host}}`.";
        let start = Workspace::with_book().built_with(text).unwrap();
        assert!(start.contains("Write <code>{{#result results/cost.json host}}</code>."));
    }

    #[test]
    fn all_problems_are_told_and_nothing_is_written() {
        let workspace = Workspace::with_book();
        let error = workspace.built_with("## T\n\n{{#include x.rs}}").unwrap_err();
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(error.starts_with("book/src/start.md:3: "), "{error}");
        assert!(!workspace.path().join("out").exists());
    }

    #[test]
    fn a_summary_or_a_book_toml_that_mdbook_does_not_understand_is_named() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/end.md", "# End {#end}\n");
        for (summary, start) in [
            ("\n[End](gone.md)\n[End](end.md)\n", "book/src/SUMMARY.md is not a table of contents"),
            ("\n[End](end.md)\n\n- [More]()\n", "book/src/SUMMARY.md is not a table of contents"),
            (
                "\n# Appendices\n\n[End](end.md)\n",
                "book/src/SUMMARY.md:7: mdBook leaves out end.md",
            ),
        ] {
            let summary = format!("[Start](start.md)\n\n- [Waker](waker/page.md)\n{summary}");
            workspace.write("book/src/SUMMARY.md", &summary);
            let error = workspace.built("end.html").unwrap_err();
            assert!(error.starts_with(start), "{error}");
        }
        workspace.write("book/book.toml", "[book]\ntitle = 3\n");
        let error = workspace.built("end.html").unwrap_err();
        assert!(error.starts_with("book/book.toml is not a configuration"), "{error}");
    }
}
