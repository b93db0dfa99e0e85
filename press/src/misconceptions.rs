//! Misconceptions have numbers. Each that is named has a row in the index, and each row an exercise
//! that catches it, which is added to the row.

use super::book::{Book, Page, Problem};
use super::{exercises, scan};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use workshop::exercise::Exercise;
use workshop::nearest::did_you_mean;
use workshop::workspace::Workspace;
use workshop::wrong;

/// The index, below book/src.
pub(super) const PAGE: &str = "misconceptions.md";

/// The index, with an id at each number, such as `m7`, to which the page of progress links; and with
/// the exercises that catch each.
pub(super) fn completed(text: &str, page: &Page<'_>) -> String {
    let caught = caught_by(&page.book.workspace);
    let complete = |line: &str| {
        let Some(number) = cells(line).map(|cells| cells[0]) else { return format!("{line}\n") };
        let id = number.to_lowercase();
        let row = line.replacen(number, &format!("<span id=\"{id}\">{number}</span>"), 1);
        let exercises = caught.get(number).into_iter().flatten();
        let links: Vec<_> = exercises.map(|exercise| exercises::link(exercise, page)).collect();
        format!("{} {} |\n", row.trim_end(), links.join(", "))
    };
    text.lines().map(complete).collect()
}

/// What is wrong with the rows of the index, and with the numbers in pages and exercises. An exercise
/// whose wrong answers cannot be read says so where it is verified.
pub(super) fn problems(book: &Book) -> Vec<Problem> {
    let index = book.pages.get(Path::new(PAGE)).map_or("", String::as_str);
    let caught = caught_by(&book.workspace);
    let mut problems = Vec::new();
    let mut rows = BTreeMap::new();
    for (line, text) in (1..).zip(index.lines()) {
        let Some(cells) = cells(text) else { continue };
        let number = cells[0];
        let first = *rows.entry(number).or_insert(line);
        let message = if cells.len() != 3 {
            format!(
                "the row of {number} has {} cells: write three, the number, the mistake and its page. What catches it is added.",
                cells.len()
            )
        } else if first != line {
            format!(
                "{number} has a row already, on line {first}: numbers are never given twice, so take the next free one."
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
    for (file, line, number) in named(book) {
        if !rows.contains_key(&*number) {
            let otherwise = ": add a row, or correct the number.";
            let near = did_you_mean(&number, rows.keys().copied(), otherwise);
            let also = if near == otherwise { "" } else { " If not, add a row." };
            let message = format!("`{number}` has no row in book/src/{PAGE}{near}{also}");
            problems.push(Problem { file, line, message });
        }
    }
    problems
}

/// The exercises that catch each number: a test's message names it, or a wrong answer's head.
fn caught_by(workspace: &Workspace) -> BTreeMap<String, Vec<&Exercise>> {
    let mut caught: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for exercise in workspace.exercises() {
        let tests = std::fs::read_to_string(exercise.tests()).unwrap_or_default();
        let wrong = wrong::all(exercise).unwrap_or_default().into_iter();
        let mut named: BTreeSet<_> = wrong.map(|wrong| wrong.misconception).collect();
        named.extend(numbers(&tests).map(str::to_owned));
        for number in named {
            caught.entry(number).or_default().push(exercise);
        }
    }
    caught
}

/// Where pages and exercises name numbers: file, line, number.
fn named(book: &Book) -> Vec<(PathBuf, usize, String)> {
    let mut named = Vec::new();
    let mut add = |file: &Path, line: usize, text: &str| {
        let file = file.strip_prefix(&book.workspace.root).unwrap_or(file);
        named.extend(numbers(text).map(|number| (file.to_owned(), line, number.to_owned())));
    };
    // The index names by its rows.
    for (page, text) in book.pages.iter().filter(|(page, _)| *page != Path::new(PAGE)) {
        let file = Path::new("book/src").join(page);
        scan::outline(text).prose.iter().for_each(|(line, text)| add(&file, *line, text));
    }
    for exercise in book.workspace.exercises() {
        for file in [exercise.tests(), exercise.folder.join("hints.md")] {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            (1..).zip(text.lines()).for_each(|(line, text)| add(&file, line, text));
        }
        for wrong in wrong::all(exercise).unwrap_or_default() {
            add(&wrong.file, 1, &wrong.misconception);
        }
    }
    named
}

/// The cells of a row of the index, `| M7 | The mistake. | [Its page](page.md#section) |`; the first is
/// its number.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    is_number(cells[0]).then_some(cells)
}

/// The words that are an M and digits.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| is_number(word))
}

fn is_number(word: &str) -> bool {
    word.strip_prefix('M')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    const INDEX: &str = "book/src/misconceptions.md";
    const TESTS: &str = "01-demo/exercises/01_echo/tests.rs";

    #[test]
    fn every_number_has_a_row_and_every_row_an_exercise() {
        let table = "# M {#m}\n\n| | | | |\n|---|---|---|---|\n| M7 | Lost. | |\n";
        let uncaught = format!("{table}| M8 | Doubled. | |\n");
        let twice = format!("{table}| M7 | Lost. | |\n");
        let wide = format!("{table}| M8 | Doubled. | | x |\n");
        let nearest = format!("`M8` has no row in {INDEX}: did you mean `M7`? If not, add a row.");
        let add = format!("`M123456` has no row in {INDEX}: add a row, or correct the number.");
        for (file, text, line, sentence) in [
            ("book/src/start.md", "# S {#s}\n\nNot M7a,\nbut *M8*.\n", 4, &*nearest),
            (TESTS, "// M7\n// M7b (M8): x\n", 2, &nearest),
            ("01-demo/exercises/01_echo/hints.md", "1. M8.\n", 1, &nearest),
            (
                "01-demo/exercises/01_echo/wrong/b.diff",
                "M123456 · compile-fail: E0277\nWhy not?\n\n",
                1,
                &add,
            ),
            (INDEX, &uncaught, 6, "no exercise catches M8: write a test, or leave"),
            (INDEX, &twice, 6, "M7 has a row already, on line 5: "),
            (INDEX, &wide, 6, "the row of M8 has 4 cells: "),
        ] {
            let workspace = Workspace::with_exercises();
            workspace.write(file, text);
            let problems = workspace.problems();
            assert_eq!(problems.len(), 1, "{problems:#?}");
            assert!(problems[0].starts_with(&format!("{file}:{line}: {sentence}")), "{problems:?}");
        }
        let workspace = Workspace::with_exercises();
        workspace.write("book/src/start.md", "# S {#s}\n\n```text\nM8\n```\n");
        assert_eq!(workspace.problems(), [""; 0]);
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
