//! The preprocessor: replaces this book's own directives.

use super::book::{Book, Page};
use super::scan::{self, Directive};
use super::{
    exercises, figures, includes, listings, matrix, misconceptions, plot, progress_page, timeline,
    wrong_answers,
};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, book};
use std::ops::Range;
use std::path::Path;

/// Replaces `[preprocessor.workshop]` of book.toml. It runs before mdBook's `links`: it marks where
/// the includes stand.
pub(super) struct Workshop(pub(super) Book);

impl Preprocessor for Workshop {
    fn name(&self) -> &str {
        "workshop"
    }

    fn run(&self, _: &PreprocessorContext, mut book: book::Book) -> anyhow::Result<book::Book> {
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_deref().unwrap_or(Path::new(""));
            let page = Page { book: &self.0, path };
            let marked = listings::marked(&self.0.listings, path, &chapter.content);
            // The check of the pages has told all errors.
            let (mut text, _) = expand(&marked, &page);
            if path == Path::new(misconceptions::PAGE) {
                text = misconceptions::completed(&text, &page);
            }
            chapter.content = text;
        });
        Ok(book)
    }
}

/// The text of a page with our directives replaced, and what is wrong with them: lines, counted
/// from 1, and sentences.
pub(super) fn expand(source: &str, page: &Page<'_>) -> (String, Vec<(usize, String)>) {
    let mut text = source.to_owned();
    let mut errors = Vec::new();
    // From below, so that those above stay where they are.
    for Directive { name, arguments, line, span } in scan::directives(source).into_iter().rev() {
        let replacement = match arguments {
            Some(arguments) => replacement(name, arguments, page),
            None => Err(format!("`{{{{#{name}` does not end on its line: close it with `}}}}`.")),
        };
        match replacement {
            Ok(lines) if lines.contains('\n') && !is_alone(source, &span) => {
                errors.push((line, format!(
                    "`{{{{#{name}}}}}` becomes more than a line: put it alone on a line that starts \
                     with it, with an empty line below."
                )));
            }
            Ok(replacement) => text.replace_range(span, &replacement),
            Err(message) => errors.push((line, message)),
        }
    }
    (text, errors)
}

/// What stands for a directive.
fn replacement(name: &str, arguments: &str, page: &Page<'_>) -> Result<String, String> {
    let root = &page.book.workspace.root;
    let folder = &root.join("book");
    match name {
        "include" => {
            includes::resolve(arguments, page.path, root)?;
            // mdBook replaces it.
            Ok(format!("{{{{#include {arguments}}}}}"))
        }
        "result" => figures::result(arguments, folder),
        "matrix" => matrix::table(arguments, folder),
        "plot" => plot::figure(arguments, folder),
        "trace" => timeline::figure::figure(arguments, folder, |file, line| link(page, file, line)),
        "exercise" => {
            let exercise = page.book.workspace.exercise(arguments).map_err(|no| no.to_string())?;
            Ok(exercises::link(exercise, page))
        }
        "exercises" => exercises::list(arguments, page),
        "wrong" => wrong_answers::block(arguments, page),
        "progress" => Ok(progress_page::list(page.book)),
        _ => Err(format!(
            "this book has no directive `{{{{#{name}}}}}`: use include, result, matrix, plot, trace, \
             exercise, exercises, wrong or progress."
        )),
    }
}

/// The link from a page to the first listing that shows this line of a file: on the page itself, or
/// else on another.
fn link(page: &Page<'_>, file: &str, line: u64) -> Option<String> {
    let shows = |listing: &&listings::Listing| {
        listing.file == file && usize::try_from(line).is_ok_and(|n| listing.lines.contains(&n))
    };
    let all = page.book.listings.iter();
    let listing = all.filter(shows).min_by_key(|listing| listing.page != page.path)?;
    if listing.page == page.path {
        return Some(format!("#{}", listing.id()));
    }
    let to = listing.page.to_string_lossy().replace('\\', "/");
    Some(format!("{}{to}#{}", page.to_root(), listing.id()))
}

/// Whether a directive has its lines for itself. What becomes HTML reaches to the next blank line.
fn is_alone(source: &str, span: &Range<usize>) -> bool {
    let before = &source[..span.start];
    let mut after = source[span.end..].lines().take(2);
    (before.is_empty() || before.ends_with('\n')) && after.all(|line| line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn directives_are_replaced_and_all_errors_are_told_with_their_lines() {
        let workspace = Workspace::with_book();
        let book = Book::read(workspace.path()).unwrap();
        let page = Page { book: &book, path: Path::new("start.md") };
        let (text, errors) = expand(
            "{{#result results/cost.json host}}: {{#result results/cost.json ms}} ms, \
             {{#exercise 01/echo}}, {{#include ../../listing/src/lib.rs:sleep}}\n\n{{#matrix 01}}  \n\n\
             {{#result x.json y}}\n{{#matrix 01}}\n\nsee {{#exercises 01}}\n{{#matrx 01}}\n\
             {{#plot results/cost.json}}\n{{#include x}}\n{{#wrong 01/echo loses}}\n\
             {{#wrong 01/echo loses:ehco}}\n{{#exercises 03}}\n{{#result",
            &page,
        );
        let start = "x86_64: 1,234,567 ms, [`01/echo`](progress.md#01-echo), \
                     {{#include ../../listing/src/lib.rs:sleep}}\n\n<figure class=\"matrix\">";
        assert!(text.starts_with(start), "{text}");
        let expected = [
            (5, "`x.json` cannot be read"),
            (8, "`{{#exercises}}` becomes more than a line"),
            (9, "this book has no directive `{{#matrx}}`"),
            (10, "`results/cost.json` is not as expected (missing field `command`"),
            (11, "`x` cannot be read"),
            (12, "which wrong answer? "),
            (13, "`loses` has no function `ehco`."),
            (15, "`{{#result` does not end"),
        ];
        assert_eq!(errors.len(), expected.len(), "{errors:#?}");
        for ((line, message), (at, start)) in errors.iter().rev().zip(expected) {
            assert!(*line == at && message.starts_with(start), "{line}: {message}");
        }
    }

    #[test]
    fn a_line_leads_to_the_listing_that_shows_it() {
        let workspace = Workspace::with_book();
        let listing = "# S {#s}\n\n```rust\n{{#include ../../listing/src/lib.rs:sleep}}\n```\n";
        workspace.write("book/src/start.md", listing);
        let book = Book::read(workspace.path()).unwrap();
        let link = |path: &str, line| {
            let page = Page { book: &book, path: Path::new(path) };
            link(&page, "listing/src/lib.rs", line)
        };
        let id = "#listing-listing-src-lib-rs-4";
        assert_eq!(link("waker/page.md", 6).unwrap(), id);
        assert_eq!(link("other/deep.md", 4).unwrap(), format!("../start.md{id}"));
        assert_eq!(link("start.md", 1), None);
    }
}
