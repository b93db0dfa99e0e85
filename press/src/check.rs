//! Everything that mdBook would render wrongly without a word, found before it renders.

use super::book::{Book, Page, Problem};
use super::{console, directives, exercises, form, misconceptions};
use std::path::{Path, PathBuf};
use workshop::workspace::files;

/// Checks every page, and what exercises say of pages.
///
/// # Errors
/// A folder of the book cannot be listed. Mistakes in pages are problems, not errors.
pub(crate) fn problems(book: &Book) -> anyhow::Result<Vec<Problem>> {
    let root = &book.workspace.root;
    let mut problems = Vec::new();
    for (path, text) in &book.pages {
        let (_, mut found) = directives::expand(text, &Page { book, path });
        found.extend(form::problems(text));
        found.extend(console::problems(text));
        let file = Path::new("book/src").join(path);
        let problem = |(line, message)| Problem { file: file.clone(), line, message };
        problems.extend(found.into_iter().map(problem));
    }
    for path in files(&root.join("book/src"), "md")? {
        let is_page = book.pages.iter().any(|(page, _)| *page == path);
        if !is_page && path != Path::new("SUMMARY.md") {
            let message = format!(
                "the book leaves this page out: add `- [Title]({})` to SUMMARY.md. (After the numbered list only plain links may come, without a heading before them.)",
                path.display()
            );
            problems.push(Problem { file: Path::new("book/src").join(path), line: 1, message });
        }
    }
    let listed = book.listings.iter().map(|listing| PathBuf::from(&listing.file));
    for (file, message) in console::unused(root, &listed.collect())? {
        problems.push(Problem { file, line: 1, message });
    }
    problems.extend(exercises::problems(book));
    problems.extend(misconceptions::problems(book));
    // Pages first: what is said of sessions and exercises may follow from them.
    let place = |problem: &Problem| {
        (!problem.file.starts_with("book/src"), problem.file.clone(), problem.line)
    };
    problems.sort_by_key(place);
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    #[test]
    fn problems_are_printed_with_file_and_line_in_order() {
        let workspace = Workspace::with_book();
        assert_eq!(workspace.problems(), [""; 0]);
        workspace.write("book/src/waker/page.md", "# Waker\n\n```console\n```\n{{#include x}}\n");
        workspace.write("book/src/lost.md", "# Lost {#lost}\n");
        workspace.write("book/sessions/01/x.txt", "");
        let expected = [
            "book/src/lost.md:1: the book leaves this page out: add `- [Title](lost.md)`",
            "book/src/waker/page.md:1: this heading has no id",
            "book/src/waker/page.md:3: a console block is one `{{#include}}`",
            "book/src/waker/page.md:5: `x` cannot be read",
            "01-demo/exercises/01_echo/exercise.toml:1: this exercise names the page `waker/page.md`",
            "book/sessions/01/x.txt:1: no page includes a terminal of this session",
        ];
        let printed = workspace.problems();
        assert_eq!(printed.len(), expected.len(), "{printed:#?}");
        for (line, start) in printed.iter().zip(expected) {
            assert!(line.starts_with(start), "{line}\n{start}");
        }
    }
}
