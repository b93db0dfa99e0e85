//! The preprocessor: replaces this book's own directives.

use super::listings::Listings;
use super::page::{Page, workspace_of};
use super::{
    exercise_links, exercises, figures, index, matrix, plot, progress_page, scan, timeline,
    wrong_answers,
};
use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::path::Path;
use workshop::nearest::did_you_mean;

/// Those that are replaced here.
pub(super) const OURS: [&str; 8] =
    ["matrix", "plot", "result", "trace", "exercise", "exercises", "wrong", "progress"];

/// Replaces `[preprocessor.workshop]` of book.toml. It runs before mdBook's `links`, which
/// takes the backslash off escaped directives.
pub(super) struct Workshop;

impl Preprocessor for Workshop {
    fn name(&self) -> &str {
        "workshop"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> anyhow::Result<Book> {
        let mut errors = Vec::new();
        let source = Path::new("book").join(&context.config.book.src);
        let workspace = workspace_of(&context.root);
        let listings = Listings::read(&context.root);
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_deref().unwrap_or(Path::new(""));
            let page =
                Page { book: &context.root, path, workspace: &workspace, listings: &listings };
            let (text, mut found) = expand(&chapter.content, &page);
            chapter.content = text;
            if path == Path::new(index::PAGE) {
                match index::completed(&chapter.content, &page) {
                    Ok(completed) => chapter.content = completed,
                    Err(message) => found.push((1, message)),
                }
            }
            let page = source.join(path);
            errors.extend(
                found.iter().map(|(line, message)| format!("{}:{line}: {message}", page.display())),
            );
        });
        anyhow::ensure!(errors.is_empty(), errors.join("\n"));
        Ok(book)
    }
}

/// The text of a page with our directives replaced, and what is wrong with them: lines, counted
/// from 1, and sentences.
///
/// Includes are left to mdBook.
pub(super) fn expand(source: &str, page: &Page<'_>) -> (String, Vec<(usize, String)>) {
    let mut text = String::with_capacity(source.len());
    let mut errors = Vec::new();
    let mut done = 0;
    for directive in scan::directives(source) {
        let replaced = match (directive.name, directive.arguments) {
            (name, _) if name != "include" && !OURS.contains(&name) => {
                let otherwise = format!(": use include, {}.", OURS.join(", "));
                let hint = did_you_mean(name, OURS.into_iter().chain(["include"]), &otherwise);
                Err(format!("this book has no directive `{{{{#{name}}}}}`{hint}"))
            }
            (name, None) => {
                Err(format!("`{{{{#{name}` does not end on its line: close it with `}}}}`."))
            }
            ("result", Some(arguments)) => figures::result(arguments, page.book),
            (
                name @ ("matrix" | "plot" | "trace" | "progress" | "exercises" | "wrong"),
                Some(_),
            ) if !alone_on_its_line(source, &directive.span) => Err(format!(
                "`{{{{#{name}}}}}` becomes more than a line: put it alone on a line that starts \
                     with it, with an empty line below."
            )),
            ("matrix", Some(folder)) => matrix::table(folder, page.book),
            ("trace", Some(file)) => timeline::figure::figure(file, page.book, |file, line| {
                page.listings.link(page.path, file, line)
            }),
            ("plot", Some(file)) => plot::figure(file, page.book),
            ("exercise", Some(exercise)) => exercise_links::link(exercise, page),
            ("exercises", Some(stage)) => exercises::list(stage, page),
            ("wrong", Some(answer)) => wrong_answers::block(answer, page),
            ("progress", Some(_)) => progress_page::list(page),
            ("include", Some(_)) => {
                if let Some((start, mark)) = listing_mark(source, directive.span.start, page) {
                    text += &source[done..start];
                    text += &mark;
                    done = start;
                }
                continue;
            }
            _ => continue,
        };
        match replaced {
            Ok(replacement) => {
                text += &source[done..directive.span.start];
                text += &replacement;
                done = directive.span.end;
            }
            Err(message) => errors.push((directive.line, message)),
        }
    }
    text += &source[done..];
    (text, errors)
}

/// The head of the listing at byte `at`: its file, and where links of figures lead. What is written,
/// and where, above the fence that the listing stands in.
fn listing_mark(source: &str, at: usize, page: &Page<'_>) -> Option<(usize, String)> {
    let head = page.listings.head(page.path, at)?;
    let fence = source[..at].strip_suffix('\n')?.rfind('\n').map_or(0, |newline| newline + 1);
    Some((fence, format!("{head}\n\n")))
}

/// Whether a directive has its lines for itself. What becomes HTML reaches to the next blank line.
fn alone_on_its_line(source: &str, span: &std::ops::Range<usize>) -> bool {
    let before = &source[..span.start];
    let mut after = source[span.end..].lines();
    let is_blank = |line: Option<&str>| line.is_none_or(|line| line.trim().is_empty());
    (before.is_empty() || before.ends_with('\n'))
        && is_blank(after.next())
        && is_blank(after.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    fn expanded(source: &str) -> (String, Vec<(usize, String)>) {
        let fixture = Workspace::with_exercises();
        let book = fixture.path().join("book");
        let workspace = workspace_of(&book);
        let path = Path::new("waker/page.md");
        let listings = Listings::read(&book);
        expand(source, &Page { book: &book, path, workspace: &workspace, listings: &listings })
    }

    #[test]
    fn results_stand_in_sentences_and_tables() {
        let (text, errors) = expanded(
            "{{#result results/cost.json host}}: {{#result results/cost.json runs.0.ms}} ms\n",
        );
        assert_eq!((text.as_str(), errors.len()), ("x86_64: 1,234,567 ms\n", 0));
    }

    #[test]
    fn includes_and_escapes_are_left_to_mdbook() {
        let page = "{{#include a.rs}} \\{{#result x y}}\n";
        assert_eq!(expanded(page), (page.to_owned(), vec![]));
    }

    #[test]
    fn what_becomes_more_than_a_line_stands_alone_on_its_own() {
        let (text, errors) = expanded("a\n\n{{#matrix results/conformance}}  \n\nb\n");
        assert!(text.contains("<figure class=\"matrix\">") && errors.is_empty());
        for name in ["matrix results/conformance", "plot results/cost.json", "progress"] {
            let (_, errors) = expanded(&format!("see {{{{#{name}}}}}\n"));
            assert!(errors[0].1.contains("alone on a line"), "{errors:?}");
        }
        let (_, errors) = expanded("{{#plot results/cost.json}}\n");
        assert!(errors[0].1.contains("missing field `command`"), "{errors:?}");
    }

    #[test]
    fn exercises_stand_in_tables() {
        let (text, errors) = expanded("| {{#exercise 01/demo}} | {{#exercise 02/demo}} |\n");
        let link = |stage| format!("[`{stage}/demo`](../progress.md#{stage}-demo)");
        assert_eq!((text, errors.len()), (format!("| {} | {} |\n", link("01"), link("02")), 0));
    }

    #[test]
    fn all_errors_are_told_with_their_lines() {
        let (_, errors) = expanded("{{#result x.json y}}\n\n{{#matrx results}}\n{{#result");
        assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 4]);
        assert!(errors[1].1.ends_with("did you mean `matrix`?"), "{errors:?}");
    }
}
