//! Misconceptions have numbers. Each that is named has a row in the index, and each row an exercise
//! that catches it, which is added to the row.

use super::book::{Book, Page, Problem};
use super::exercises;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use workshop::exercise::Exercise;
use workshop::workspace::Workspace;
use workshop::wrong::{self, misconceptions};

/// The index, below book/src.
pub(super) const PAGE: &str = "misconceptions.md";

/// Where an exercise names the number of what it catches.
struct Place<'a> {
    exercise: &'a Exercise,
    file: PathBuf,
    line: usize,
}

/// The index, with an id at each number, such as `m7`, to which the page of progress links; and with
/// the exercises that catch each.
pub(super) fn completed(text: &str, page: &Page<'_>) -> String {
    let caught = caught(&page.book.workspace);
    let complete = |line: &str| {
        let Some(number) = number(line) else { return format!("{line}\n") };
        let id = number.to_lowercase();
        let row = line.replacen(number, &format!("<span id=\"{id}\">{number}</span>"), 1);
        let places = caught.get(number).into_iter().flatten();
        let mut links: Vec<_> = places.map(|place| exercises::link(place.exercise, page)).collect();
        links.dedup();
        format!("{} {} |\n", row.trim_end(), links.join(", "))
    };
    text.lines().map(complete).collect()
}

/// What is wrong with the rows of the index, and with the numbers in pages and exercises.
pub(super) fn problems(book: &Book) -> Vec<Problem> {
    let index = book.text(PAGE).unwrap_or_default();
    let caught = caught(&book.workspace);
    let mut problems = Vec::new();
    let mut rows = BTreeSet::new();
    for (line, text) in (1..).zip(index.lines()) {
        let Some(number) = number(text) else { continue };
        let message = if !rows.insert(number) {
            format!(
                "{number} has a row already: numbers are never given twice, so take the next free one."
            )
        } else if !caught.contains_key(number) {
            format!(
                "no exercise catches {number}: write a test, or leave the row out until there is one."
            )
        } else {
            continue;
        };
        problems.push(Problem { file: Path::new("book/src").join(PAGE), line, message });
    }
    let mut named = Vec::new();
    for (page, text) in &book.pages {
        let file = Path::new("book/src").join(page);
        for (line, text) in (1..).zip(text.lines()) {
            named.extend(misconceptions(text).map(|number| (number, file.clone(), line)));
        }
    }
    for (number, places) in &caught {
        for Place { file, line, .. } in places {
            let file = file.strip_prefix(&book.workspace.root).unwrap_or(file);
            named.push((number, file.to_owned(), *line));
        }
    }
    for (number, file, line) in named {
        if !rows.contains(number) {
            let message =
                format!("{number} has no row in book/src/{PAGE}: add one, or correct the number.");
            problems.push(Problem { file, line, message });
        }
    }
    problems
}

/// Where each number is named, exercise by exercise: in what a test says, or in the head of a wrong
/// answer. An exercise whose wrong answers cannot be read says so where it is verified.
fn caught(workspace: &Workspace) -> BTreeMap<String, Vec<Place<'_>>> {
    let mut caught = BTreeMap::<_, Vec<_>>::new();
    for exercise in workspace.exercises() {
        let mut add = |number: &str, file: PathBuf, line| {
            caught.entry(number.to_owned()).or_default().push(Place { exercise, file, line });
        };
        let tests = std::fs::read_to_string(exercise.tests()).unwrap_or_default();
        for (line, text) in (1..).zip(tests.lines()) {
            misconceptions(text).for_each(|number| add(number, exercise.tests(), line));
        }
        for wrong in wrong::all(exercise).unwrap_or_default() {
            add(&wrong.misconception, wrong.file, 1);
        }
    }
    caught
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
        let workspace = Workspace::with_exercises();
        let index = workspace.read(INDEX);
        workspace.write(INDEX, &format!("{index}| M8 | Doubled. | |\n| M7 | Lost. | |\n"));
        workspace.write("book/src/start.md", "# S {#s}\n\nNot M7a,\nbut *M28*.\n");
        workspace.write(&format!("{EXERCISE}/tests.rs"), "// M7\n// M7b (M38): x\n");
        let wrong = "M48 · compile-fail: E0277\nWhy not?\n\n";
        workspace.write(&format!("{EXERCISE}/wrong/b.diff"), wrong);
        let expected = [
            format!("{EXERCISE}/tests.rs:2: M38 has no row in {INDEX}: "),
            format!("{EXERCISE}/wrong/b.diff:1: M48 has no row in {INDEX}: "),
            format!("{INDEX}:6: no exercise catches M8: "),
            format!("{INDEX}:7: M7 has a row already: "),
            format!("book/src/start.md:4: M28 has no row in {INDEX}: "),
        ];
        let problems = workspace.problems();
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, start) in problems.iter().zip(expected) {
            assert!(problem.starts_with(&start), "{problem}");
        }
    }

    #[test]
    fn a_row_shows_what_catches_it() {
        let page = Workspace::with_exercises().built("misconceptions.html").unwrap();
        for cell in [
            "<td><span id=\"m7\">M7</span></td>",
            "<td><a href=\"progress.html#01-echo\"><code>01/echo</code></a></td>",
        ] {
            assert!(page.contains(cell), "{page}");
        }
    }
}
