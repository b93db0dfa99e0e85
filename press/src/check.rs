//! Everything that mdBook would render wrongly without a word, found before it renders.

use super::book::{Book, Page, Problem};
use super::{console, directives, exercises, form, includes, misconceptions, scan};
use std::collections::BTreeSet;
use std::path::Path;

/// Checks every page, in the order of their paths, and what exercises say of pages.
///
/// # Errors
/// book/sessions cannot be listed. Mistakes in pages are problems, not errors.
pub(crate) fn problems(book: &Book) -> anyhow::Result<Vec<Problem>> {
    let root = &book.workspace.root;
    let mut problems = Vec::new();
    let mut included = BTreeSet::new();
    for (path, text) in &book.pages {
        let file = Path::new("book/src").join(path);
        let page = root.join(&file);
        let folder = page.parent().expect("a file has a folder");
        let (_, mut found) = directives::expand(text, &Page { book, path });
        found.extend(form::problems(text));
        found.extend(console::problems(text));
        for directive in scan::directives(text).iter().filter(|found| found.name == "include") {
            let Some(arguments) = directive.arguments else { continue };
            match includes::resolve(arguments, folder, root) {
                Ok(include) => drop(included.insert(include.file)),
                Err(message) => found.push((directive.line, message)),
            }
        }
        if !book.contents.iter().any(|(_, named)| named == path) {
            let message = format!(
                "no line of SUMMARY.md names this page, so the book leaves it out: add `- [Title]({})` there.",
                path.display()
            );
            found.push((1, message));
        }
        let problem = |(line, message)| Problem { file: file.clone(), line, message };
        problems.extend(found.into_iter().map(problem));
    }
    for (file, message) in console::unused(root, &included)? {
        problems.push(Problem { file, line: 1, message });
    }
    problems.extend(exercises::problems(book));
    problems.extend(misconceptions::problems(book));
    problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    #[test]
    fn a_good_page_has_no_problems() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/start.md", "# W {#w}\n\n\\{{#include nowhere.rs}}\n");
        assert_eq!(workspace.problems(), [""; 0]);
    }

    #[test]
    fn each_kind_is_printed_with_file_and_line_in_order() {
        let workspace = Workspace::with_book();
        workspace.write(
            "book/src/waker/page.md",
            "# Waker\n\n{{#include ../../../listing/src/lib.rs:sleeep}}\n\n{{#result results/cost.json stack.reserve_kib}}\n\n{{#inclde x}}\n{{#include x\n",
        );
        workspace.write("book/src/lost.md", "# Lost {#lost}\n");
        let printed = workspace.problems();
        let expected = [
            "book/src/lost.md:1: no line of SUMMARY.md names this page",
            "book/src/waker/page.md:1: this heading has no id",
            "book/src/waker/page.md:3: `../../../listing/src/lib.rs` has no line `// ANCHOR: sleeep`: did you mean `sleep`?",
            "book/src/waker/page.md:5: `results/cost.json` has no `stack.reserve_kib`: did you mean `stack.reserved_kib`?",
            "book/src/waker/page.md:7: this book has no directive `{{#inclde}}`: did you mean `include`?",
            "book/src/waker/page.md:8: `{{#include` does not end",
        ];
        assert_eq!(printed.len(), expected.len(), "{printed:#?}");
        for (line, start) in printed.iter().zip(expected) {
            assert!(line.starts_with(start), "{line}\n{start}");
        }
    }
}
