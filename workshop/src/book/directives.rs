//! The preprocessor: replaces this book's own directives, in this process or as a command of a
//! plain `mdbook build`.

use super::check::did_you_mean;
use super::{figures, matrix, scan};
use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::io::{Read, Write};
use std::path::Path;

/// All that pages may use. The first three are mdBook's.
const NAMES: [&str; 7] =
    ["include", "rustdoc_include", "title", "matrix", "result", "exercise", "progress"];

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
        book.for_each_chapter_mut(|chapter| {
            let (text, found) = expand(&chapter.content, &context.root);
            chapter.content = text;
            let page = source.join(chapter.source_path.as_deref().unwrap_or(Path::new("")));
            errors.extend(
                found.iter().map(|(line, message)| format!("{}:{line}: {message}", page.display())),
            );
        });
        anyhow::ensure!(errors.is_empty(), errors.join("\n"));
        Ok(book)
    }
}

/// The page with our directives replaced, and what is wrong with them: lines, counted from 1,
/// and sentences.
///
/// Paths start at `root`, the folder of book.toml. Includes are left to mdBook.
pub(super) fn expand(page: &str, root: &Path) -> (String, Vec<(usize, String)>) {
    let mut text = String::with_capacity(page.len());
    let mut errors = Vec::new();
    let mut done = 0;
    for directive in scan::directives(page) {
        let replaced = match (directive.name, directive.arguments) {
            (name, _) if !NAMES.contains(&name) => {
                let otherwise = format!(": use {}.", NAMES.join(", "));
                Err(format!(
                    "this book has no directive `{{{{#{name}}}}}`{}",
                    did_you_mean(name, NAMES, &otherwise)
                ))
            }
            (name, None) => {
                Err(format!("`{{{{#{name}` does not end on its line: close it with `}}}}`."))
            }
            ("result", Some(arguments)) => figures::result(arguments, root),
            ("matrix", Some(_)) if !alone_on_its_line(page, &directive.span) => {
                Err("a matrix is a table: put `{{#matrix}}` alone on a line that starts with it."
                    .into())
            }
            ("matrix", Some(folder)) => matrix::table(folder, root),
            _ => continue,
        };
        match replaced {
            Ok(replacement) => {
                text += &page[done..directive.span.start];
                text += &replacement;
                done = directive.span.end;
            }
            Err(message) => errors.push((directive.line, message)),
        }
    }
    text += &page[done..];
    (text, errors)
}

fn alone_on_its_line(page: &str, span: &std::ops::Range<usize>) -> bool {
    let before = &page[..span.start];
    let after = page[span.end..].lines().next().unwrap_or_default();
    (before.is_empty() || before.ends_with('\n')) && after.trim().is_empty()
}

/// What a plain `mdbook build` runs. `arguments` are those after `cargo workshop book
/// preprocess`: none, to read the book from stdin and write it to stdout, or `supports
/// RENDERER`.
///
/// # Errors
/// Mistakes in pages, one a line; input that is not mdBook's; other arguments.
pub(crate) fn as_command(arguments: &[String]) -> anyhow::Result<()> {
    match arguments {
        [] => filter(std::io::stdin().lock(), std::io::stdout().lock()),
        // Our directives become Markdown or HTML, which every renderer takes.
        [supports, _renderer] if supports == "supports" => Ok(()),
        _ => anyhow::bail!(
            "mdBook runs this, with `supports RENDERER` or nothing: to build the book, run `cargo workshop book build`"
        ),
    }
}

fn filter(input: impl Read, output: impl Write) -> anyhow::Result<()> {
    let (context, book) = mdbook_preprocessor::parse_input(input)?;
    serde_json::to_writer(output, &Workshop.run(&context, book)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::fixture::Workspace;
    use mdbook_preprocessor::book::{BookItem, Chapter};

    fn expanded(page: &str) -> (String, Vec<(usize, String)>) {
        expand(page, &Workspace::with_book().path().join("book"))
    }

    #[test]
    fn results_stand_in_sentences_and_tables() {
        let (text, errors) = expanded(
            "{{#result results/cost.json host}}: {{#result results/cost.json runs.0.ms}} ms\n",
        );
        assert_eq!((text.as_str(), errors.len()), ("x86_64: 1,234,567 ms\n", 0));
    }

    #[test]
    fn includes_titles_and_escapes_are_left_to_mdbook() {
        let page = "{{#include a.rs}} {{#title T}} \\{{#result x y}}\n";
        assert_eq!(expanded(page), (page.to_owned(), vec![]));
    }

    #[test]
    fn a_matrix_stands_alone_on_its_line() {
        let (text, errors) = expanded("a\n\n{{#matrix results/conformance}}  \n\nb\n");
        assert!(text.contains("<figure class=\"matrix\">") && errors.is_empty());
        let (_, errors) = expanded("see {{#matrix results/conformance}}\n");
        assert!(errors[0].1.contains("alone on a line"), "{errors:?}");
    }

    #[test]
    fn all_errors_are_told_with_their_lines() {
        let (_, errors) = expanded("{{#result x.json y}}\n\n{{#matrx results}}\n{{#result");
        assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 4]);
        assert!(errors[1].1.ends_with("did you mean `matrix`?"), "{errors:?}");
    }

    /// What mdBook sends to a preprocessor, for a book of one page.
    fn sent_by_mdbook(page: &str, root: &Path) -> Vec<u8> {
        let context = PreprocessorContext::new(root.to_owned(), Default::default(), "html".into());
        let chapter = Chapter::new("Start", page.to_owned(), "start.md", Vec::new());
        let book = Book::new_with_items(vec![BookItem::Chapter(chapter)]);
        serde_json::to_vec(&(context, book)).unwrap()
    }

    #[test]
    fn the_command_turns_stdin_into_stdout() {
        let root = Workspace::with_book();
        let sent = sent_by_mdbook("{{#result results/cost.json host}}", &root.path().join("book"));
        let mut output = Vec::new();
        filter(&sent[..], &mut output).unwrap();
        let book: Book = serde_json::from_slice(&output).unwrap();
        let Some(BookItem::Chapter(chapter)) = book.iter().next() else { panic!("one chapter") };
        assert_eq!(chapter.content, "x86_64");
    }

    #[test]
    fn the_command_names_page_and_line() {
        let root = Workspace::with_book();
        let sent =
            sent_by_mdbook("\n{{#result results/cost.json hosst}}", &root.path().join("book"));
        let error = filter(&sent[..], Vec::new()).unwrap_err().to_string();
        assert_eq!(
            error,
            "book/src/start.md:2: `results/cost.json` has no `hosst`: did you mean `host`?"
        );
    }

    #[test]
    fn the_command_supports_html_and_refuses_other_words() {
        assert!(as_command(&["supports".into(), "html".into()]).is_ok());
        assert!(as_command(&["what".into()]).is_err());
    }
}
