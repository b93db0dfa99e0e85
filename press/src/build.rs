//! Builds the book with mdBook as a library, after checking what mdBook would get wrong in
//! silence.

use super::book::{Book, load};
use super::check::problems;
use super::directives::Workshop;
use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};

/// Renders WORKSPACE/book into `out`, whose contents are lost, and returns the folder with the
/// HTML.
///
/// # Errors
/// All problems of the pages, one a line; a book.toml or SUMMARY.md that mdBook does not
/// understand; an `out` that cannot be written.
pub(crate) fn build(workspace: &Path, out: &Path) -> anyhow::Result<PathBuf> {
    let mut book = load(workspace)?;
    let sources = Book::of(&book, workspace)?;
    let problems: Vec<_> = problems(&sources)?.iter().map(ToString::to_string).collect();
    ensure!(problems.is_empty(), problems.join("\n"));

    // mdBook takes a relative path as relative to the book.
    book.config.build.build_dir = std::path::absolute(out)?;
    book.with_preprocessor(Workshop(sources));
    book.build().with_context(|| format!("the book was not written to {}", out.display()))?;
    Ok(book.build_dir_for("html"))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    #[test]
    fn pages_hold_what_directives_stand_for() {
        let workspace = Workspace::with_book();
        workspace.built().unwrap();
        let pages = ["start", "waker/page", "misconceptions"];
        let html = pages.map(|page| workspace.read(&format!("out/{page}.html"))).concat();
        for text in [
            "A thread reserves 2,048 KiB.",
            "<div class=\"listing\" id=\"listing-listing-src-lib-rs-4\"><code>listing/src/lib.rs</code></div>",
            "id=\"listing-book-results-cost-json-1\"></div>\n\n<pre><code class=\"language-json\">{",
            "/// Parks the thread.\npub fn sleep() {\n    std::thread::park();\n}\n",
            "(<a href=\"../progress.html#01-echo\"><code>01/echo</code></a>), about 7 minutes</li>",
            "/// Echoes.\nfn echo() {\n    lose();\n}\n",
            "<td><span id=\"m7\">M7</span></td>",
            "<td><a href=\"progress.html#01-echo\"><code>01/echo</code></a></td>",
        ] {
            assert!(html.contains(text), "{text}\nis missing from\n{html}");
        }
    }

    #[test]
    fn what_cannot_be_a_book_is_said_and_nothing_is_written() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/end.md", "# End {#end}\n");
        let summary = workspace.read("book/src/SUMMARY.md");
        for (end, start) in [
            ("[End](gone.md)", "mdBook cannot read book/src/SUMMARY.md or a page that it names: "),
            ("# More\n\n[End](end.md)", "book/src/end.md:1: the book leaves this page out"),
        ] {
            workspace.write("book/src/SUMMARY.md", &format!("{summary}\n{end}\n"));
            let error = workspace.built().unwrap_err();
            assert!(error.starts_with(start), "{error}");
        }
        workspace.write("book/book.toml", "[book]\ntitle = 3\n");
        let error = workspace.built().unwrap_err();
        assert!(error.starts_with("book/book.toml is not a configuration"), "{error}");
        assert!(!workspace.path().join("out").exists());
    }
}
