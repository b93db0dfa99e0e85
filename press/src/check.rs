//! Everything that mdBook would render wrongly without a word, found before it renders.

use super::listings::Listings;
use super::page::{Page, workspace_of};
use super::problem::Problem;
use super::{compiled, console, directives, exercises, form, includes};
use super::{misconceptions, scan, summary};
use anyhow::ensure;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use workshop::workspace;

/// Checks every page under WORKSPACE/book/src, in the order of their paths.
///
/// # Errors
/// When book/src or book/sessions cannot be listed. Mistakes in pages are problems, not errors.
pub(crate) fn problems(workspace: &Path) -> anyhow::Result<Vec<Problem>> {
    let book = workspace.join("book");
    let source = book.join("src");
    let pages = pages(workspace)?;

    let mut problems = Vec::new();
    let mut report = |page: &Path, line, message| {
        let file = Path::new("book/src").join(page);
        problems.push(Problem { file, line, message });
    };
    let exercises = workspace_of(&book);
    let listings = Listings::read(&book);
    let mut table_of_contents = None;
    let mut included = BTreeSet::new();
    let mut included_files = BTreeSet::new();
    let mut with_ours = Vec::new();
    let mut texts = BTreeMap::new();
    for page in &pages {
        let text = match std::fs::read_to_string(source.join(page)) {
            Ok(text) if page == Path::new("SUMMARY.md") => {
                table_of_contents = Some(text);
                continue;
            }
            Ok(text) => text,
            Err(error) => {
                let message = format!("the page cannot be read ({error}): save it as UTF-8 text.");
                report(page, 1, message);
                continue;
            }
        };
        let path = source.join(page);
        let folder = path.parent().expect("a file has a folder");
        for directive in scan::directives(&text) {
            match (directive.name, directive.arguments) {
                ("include", Some(arguments)) => {
                    match includes::resolve(arguments, folder, workspace) {
                        Ok(file) => {
                            if let Some(message) = compiled::problem(&file, workspace) {
                                report(page, directive.line, message);
                            }
                            included.extend(relative_to(&source, &file));
                            included_files.extend(file.canonicalize().ok());
                        }
                        Err(message) => report(page, directive.line, message),
                    }
                }
                (name, _) if directives::OURS.contains(&name) => {
                    with_ours.push((page, directive.line));
                }
                _ => {}
            }
        }
        let here = Page { book: &book, path: page, workspace: &exercises, listings: &listings };
        let (_, directives) = directives::expand(&text, &here);
        for (line, message) in directives.into_iter().chain(form::problems(&text)) {
            report(page, line, message);
        }
        for (line, message) in console::problems(&text) {
            report(page, line, message);
        }
        texts.insert(page.clone(), text);
    }
    // Our directives are replaced before mdBook includes anything.
    for (page, line) in with_ours.into_iter().filter(|(page, _)| included.contains(*page)) {
        let message = "a page that includes this one would show this directive as it is: write it in that page.";
        report(page, line, message.to_owned());
    }
    for (page, message) in summary::problems(table_of_contents.as_deref(), &pages, &included) {
        report(&page, 1, message);
    }
    for (file, message) in console::unused(workspace, &included_files)? {
        problems.push(Problem { file, line: 1, message });
    }
    let stages = workspace::stages(workspace)?;
    problems.extend(exercises::problems(workspace, &stages, &texts));
    problems.extend(misconceptions::problems(workspace, &stages, &texts));
    problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(problems)
}

/// The .md files below WORKSPACE/book/src, relative to it.
///
/// # Errors
/// book/src cannot be listed.
pub(super) fn pages(root: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let source = root.join("book/src");
    ensure!(source.is_dir(), "book/src cannot be listed: run this inside the workspace");
    Ok(workspace::files(&source, "md")?.into_iter().collect())
}

fn relative_to(source: &Path, file: &Path) -> Option<PathBuf> {
    let (source, file) = (source.canonicalize().ok()?, file.canonicalize().ok()?);
    Some(file.strip_prefix(source).ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    fn printed(workspace: &Workspace) -> Vec<String> {
        problems(workspace.path()).unwrap().iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_good_page_has_no_problems_and_one_that_cannot_be_read_is_named() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/start.md", "# W {#w}\n\n\\{{#include nowhere.rs}}\n");
        assert_eq!(printed(&workspace), [""; 0]);
        std::fs::write(workspace.path().join("book/src/waker/page.md"), b"# \xff").unwrap();
        let printed = printed(&workspace);
        let sentence = "book/src/waker/page.md:1: the page cannot be read";
        assert!(printed.len() == 1 && printed[0].starts_with(sentence), "{printed:?}");
        let error = problems(Workspace::empty().path()).unwrap_err();
        assert!(error.to_string().contains("run this inside the workspace"));
    }

    #[test]
    fn each_kind_is_printed_with_file_and_line_in_order() {
        let workspace = Workspace::with_book();
        workspace.write(
            "book/src/waker/page.md",
            "# Waker\n\n{{#include ../../../listing/src/lib.rs:sleeep}}\n\n{{#result results/cost.json stack.reserve_kib}}\n\n{{#inclde x}}\n{{#include x\n",
        );
        workspace.write("book/src/lost.md", "# Lost {#lost}\n");
        let printed = printed(&workspace);
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

    #[test]
    fn a_directive_in_an_included_part_is_reported() {
        let workspace = Workspace::with_exercises();
        workspace.write(
            "book/src/part.md",
            "{{#result results/cost.json host}}\n{{#exercise 01/demo}}\n",
        );
        let page = "# W {#w}\n\n{{#include ../part.md}}\n\n{{#exercises}}\n";
        workspace.write("book/src/waker/page.md", page);
        let printed = printed(&workspace);
        assert_eq!(printed.len(), 2, "{printed:#?}");
        assert!(printed[0].starts_with("book/src/part.md:1: a page that includes this one"));
        assert!(printed[1].starts_with("book/src/part.md:2: a page that includes this one"));
    }
}
