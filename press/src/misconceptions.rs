//! Misconceptions have numbers. Each that is named has a row in the index, and each row an exercise
//! that catches it, which is added to the row.

use super::book::{Book, Page, Problem};
use super::exercises;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use workshop::exercise::Exercise;
use workshop::wrong::{self, misconceptions};

/// The index, below book/src.
pub(super) const PAGE: &str = "misconceptions.md";

/// A number where it is named.
struct Named<'a> {
    number: String,
    file: PathBuf,
    line: usize,
    /// The exercise that catches it. None in a page, or in a hint.
    by: Option<&'a Exercise>,
}

/// The index, with an id at each number, such as `m7`, to which the page of progress links; and with
/// the exercises that catch each.
pub(super) fn completed(text: &str, page: &Page<'_>) -> String {
    let named = named(page.book);
    let complete = |line: &str| {
        let Some(number) = number(line) else { return format!("{line}\n") };
        let id = number.to_lowercase();
        let row = line.replacen(number, &format!("<span id=\"{id}\">{number}</span>"), 1);
        let exercises =
            named.iter().filter(|named| named.number == number).filter_map(|named| named.by);
        let mut links: Vec<_> = exercises.map(|exercise| exercises::link(exercise, page)).collect();
        links.dedup();
        format!("{} {} |\n", row.trim_end(), links.join(", "))
    };
    text.lines().map(complete).collect()
}

/// What is wrong with the rows of the index, and with the numbers in pages and exercises.
pub(super) fn problems(book: &Book) -> Vec<Problem> {
    let named = named(book);
    let mut problems = Vec::new();
    let mut rows = BTreeSet::new();
    for (line, text) in (1..).zip(book.text(PAGE).unwrap_or_default().lines()) {
        let Some(number) = number(text) else { continue };
        let message = if !rows.insert(number) {
            format!(
                "{number} has a row already: numbers are never given twice, so take the next free one."
            )
        } else if !named.iter().any(|named| named.number == number && named.by.is_some()) {
            format!(
                "no exercise catches {number}: write a test, or leave the row out until there is one."
            )
        } else if text.matches('|').count() != 4 {
            format!("the row of {number} needs three cells: the number, the mistake and its page.")
        } else {
            continue;
        };
        problems.push(Problem { file: Path::new("book/src").join(PAGE), line, message });
    }
    for Named { number, file, line, .. } in named {
        if !rows.contains(&*number) {
            let file = file.strip_prefix(&book.workspace.root).unwrap_or(&file).to_owned();
            let message =
                format!("{number} has no row in book/src/{PAGE}: add one, or correct the number.");
            problems.push(Problem { file, line, message });
        }
    }
    problems
}

/// The numbers in pages, in what tests say, and in the heads of wrong answers. An exercise whose wrong
/// answers cannot be read says so where it is verified.
fn named(book: &Book) -> Vec<Named<'_>> {
    let mut all = Vec::new();
    let mut add = |file: PathBuf, text: &str, by| {
        for (line, text) in (1..).zip(text.lines()) {
            for number in misconceptions(text) {
                all.push(Named { number: number.to_owned(), file: file.clone(), line, by });
            }
        }
    };
    for (page, text) in &book.pages {
        add(Path::new("book/src").join(page), text, None);
    }
    for exercise in book.workspace.exercises() {
        let tests = std::fs::read_to_string(exercise.tests()).unwrap_or_default();
        add(exercise.tests(), &tests, Some(exercise));
        let hints = exercise.folder.join("hints.md");
        add(hints.clone(), &std::fs::read_to_string(hints).unwrap_or_default(), None);
        for wrong in wrong::all(exercise).unwrap_or_default() {
            add(wrong.file, &wrong.misconception, Some(exercise));
        }
    }
    all
}

/// `M7`, if this is its row: `| M7 | The mistake. | [Its page](page.md#section) |`.
fn number(line: &str) -> Option<&str> {
    let (number, _) = line.trim().strip_prefix('|')?.split_once('|')?;
    misconceptions(number).next()
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    const INDEX: &str = "book/src/misconceptions.md";
    const EXERCISE: &str = "01-demo/exercises/01_echo";

    #[test]
    fn every_number_has_a_row_and_every_row_an_exercise() {
        let workspace = Workspace::with_book();
        let index = workspace.read(INDEX);
        workspace.write(
            INDEX,
            &format!("{index}| M8 | Doubled. | |\n| M7 | Lost. | |\n| M9 | Told. |\n"),
        );
        workspace.write("book/src/start.md", "# S {#s}\n\nNot M7a,\nbut *M28*.\n");
        workspace.write(&format!("{EXERCISE}/tests.rs"), "// M7, M9\n// M7b (M38): x\n");
        workspace.write(&format!("{EXERCISE}/hints.md"), "1. Not M18.\n");
        let wrong = "M48 · compile-fail: E0277\nWhy not?\n\n";
        workspace.write(&format!("{EXERCISE}/wrong/b.diff"), wrong);
        let expected = [
            format!("{INDEX}:6: no exercise catches M8: "),
            format!("{INDEX}:7: M7 has a row already: "),
            format!("{INDEX}:8: the row of M9 needs three cells: "),
            format!("book/src/start.md:4: M28 has no row in {INDEX}: "),
            format!("{EXERCISE}/hints.md:1: M18 has no row in {INDEX}: "),
            format!("{EXERCISE}/tests.rs:2: M38 has no row in {INDEX}: "),
            format!("{EXERCISE}/wrong/b.diff:1: M48 has no row in {INDEX}: "),
        ];
        let problems = workspace.problems();
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, start) in problems.iter().zip(expected) {
            assert!(problem.starts_with(&start), "{problem}");
        }
    }
}
