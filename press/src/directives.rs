//! The preprocessor: replaces this book's own directives.

use super::book::{Book, Page};
use super::{
    exercises, figures, matrix, misconceptions, plot, progress_page, scan, timeline, wrong_answers,
};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, book};
use std::path::Path;
use workshop::nearest::did_you_mean;

/// Those that are replaced here.
const OURS: [&str; 8] =
    ["matrix", "plot", "result", "trace", "exercise", "exercises", "wrong", "progress"];

/// Replaces `[preprocessor.workshop]` of book.toml. It runs before mdBook's `links`, which
/// takes the backslash off escaped directives.
pub(super) struct Workshop(pub(super) Book);

impl Preprocessor for Workshop {
    fn name(&self) -> &str {
        "workshop"
    }

    fn run(&self, _: &PreprocessorContext, mut book: book::Book) -> anyhow::Result<book::Book> {
        book.for_each_chapter_mut(|chapter| {
            let path = chapter.source_path.as_deref().unwrap_or(Path::new(""));
            let page = Page { book: &self.0, path };
            // The check of the pages has told all errors.
            let (mut text, _) = expand(&chapter.content, &page);
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
///
/// Includes are left to mdBook.
pub(super) fn expand(source: &str, page: &Page<'_>) -> (String, Vec<(usize, String)>) {
    let folder = &page.book.folder;
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
            ("result", Some(arguments)) => figures::result(arguments, folder),
            (
                name @ ("matrix" | "plot" | "trace" | "progress" | "exercises" | "wrong"),
                Some(_),
            ) if !alone_on_its_line(source, &directive.span) => Err(format!(
                "`{{{{#{name}}}}}` becomes more than a line: put it alone on a line that starts \
                     with it, with an empty line below."
            )),
            ("matrix", Some(results)) => matrix::table(results, folder),
            ("trace", Some(file)) => {
                timeline::figure::figure(file, folder, |file, line| page.link(file, line))
            }
            ("plot", Some(file)) => plot::figure(file, folder),
            ("exercise", Some(spoken)) => {
                exercises::find(spoken, page).map(|exercise| exercises::link(exercise, page))
            }
            ("exercises", Some(stage)) => exercises::list(stage, page),
            ("wrong", Some(answer)) => wrong_answers::block(answer, page),
            ("progress", Some(_)) => Ok(progress_page::list(page.book)),
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
    let head = page.book.listings.head(page.path, at)?;
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
        let workspace = Workspace::with_exercises();
        let book = Book::read(workspace.path()).unwrap();
        expand(source, &Page { book: &book, path: Path::new("waker/page.md") })
    }

    #[test]
    fn results_stand_in_sentences_and_tables() {
        let (text, errors) = expanded(
            "{{#result results/cost.json host}}: {{#result results/cost.json runs.0.ms}} ms\n",
        );
        assert_eq!((text.as_str(), errors.len()), ("x86_64: 1,234,567 ms\n", 0));
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
    fn all_errors_are_told_with_their_lines() {
        let (_, errors) = expanded("{{#result x.json y}}\n\n{{#matrx results}}\n{{#result");
        assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 4]);
        assert!(errors[1].1.ends_with("did you mean `matrix`?"), "{errors:?}");
    }
}
