//! Checks that every misconception that is named has a row in the index, and that an exercise catches
//! it.

use super::index::{self, Row};
use super::problem::Problem;
use super::scan;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use workshop::exercise::Exercise;
use workshop::nearest::did_you_mean;
use workshop::workspace::Stage;
use workshop::wrong;

/// What is wrong with the numbers in pages and exercises, and with the rows of the index. An
/// exercise whose wrong answers cannot be read says so where it is verified.
pub(super) fn problems(
    workspace: &Path,
    stages: &[Stage],
    pages: &BTreeMap<PathBuf, String>,
) -> Vec<Problem> {
    // The index names by its rows.
    let others = pages.iter().filter(|(page, _)| *page != Path::new(index::PAGE));
    let mut named: Vec<_> = others.flat_map(|(page, text)| in_page(page, text)).collect();
    let exercises = || stages.iter().flat_map(|stage| &stage.exercises);
    named.extend(exercises().flat_map(|exercise| in_exercise(exercise, workspace)));
    let Some(page) = pages.get(Path::new(index::PAGE)) else {
        return without_index(&named).into_iter().collect();
    };
    let (rows, mut problems) = index::rows(page);
    problems.extend(named.iter().filter_map(|place| without_row(place, &rows)));
    let caught = index::caught_by(exercises());
    for Row { line, number } in rows.iter().filter(|row| !caught.contains_key(row.number)) {
        let message = format!(
            "no exercise catches {number}: write a test, or leave the row out until there is one."
        );
        problems.push(index::problem(*line, message));
    }
    problems
}

/// Where a number is named: file, line, number.
type Place = (PathBuf, usize, String);

/// The misconceptions that an exercise names in its tests, hints and wrong answers.
fn in_exercise(exercise: &Exercise, workspace: &Path) -> Vec<Place> {
    let below = |file: &Path| file.strip_prefix(workspace).unwrap_or(file).to_owned();
    let mut named = Vec::new();
    for file in [exercise.tests(), exercise.folder.join("hints.md")] {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let lines = (1..).zip(text.lines());
        let places =
            lines.flat_map(|(line, text)| index::numbers(text).map(move |number| (line, number)));
        named.extend(first_of_each(&below(&file), places));
    }
    let wrong = wrong::all(exercise).unwrap_or_default();
    named.extend(wrong.into_iter().map(|wrong| (below(&wrong.file), 1, wrong.misconception)));
    named
}

fn in_page(page: &Path, text: &str) -> Vec<Place> {
    let prose = scan::outline(text).prose.into_iter();
    let places =
        prose.flat_map(|(line, text)| index::numbers(text).map(move |number| (line, number)));
    first_of_each(&Path::new("book/src").join(page), places)
}

/// Of many places in a file, the first of each number: one correction is asked for once.
fn first_of_each<'a>(file: &Path, places: impl Iterator<Item = (usize, &'a str)>) -> Vec<Place> {
    let mut seen = BTreeSet::new();
    let first = places.filter(|(_, number)| seen.insert(*number));
    first.map(|(line, number)| (file.to_owned(), line, number.to_owned())).collect()
}

/// The index is missing, although it is needed.
fn without_index(named: &[Place]) -> Option<Problem> {
    let (file, line, number) = named.first()?;
    let message = format!(
        "{}:{line} names the misconception {number}, and there is no index of them: add this page, with a row `| {number} | the mistake | [its page](page.md) |`.",
        file.display()
    );
    Some(index::problem(1, message))
}

fn without_row((file, line, number): &Place, rows: &[Row<'_>]) -> Option<Problem> {
    if rows.iter().any(|row| row.number == number) {
        return None;
    }
    let otherwise = ": add a row, or correct the number.";
    let near = did_you_mean(number, rows.iter().map(|row| row.number), otherwise);
    let also = if near == otherwise { "" } else { " If not, add a row." };
    let message = format!("`{number}` has no row in book/src/{}{near}{also}", index::PAGE);
    Some(Problem { file: file.clone(), line: *line, message })
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    const INDEX: &str = "book/src/misconceptions.md";
    const TESTS: &str = "01-demo/exercises/01_echo/tests.rs";

    /// The only problem.
    fn problem(workspace: &Workspace) -> String {
        let problems = crate::check::problems(workspace.path()).unwrap();
        let mut printed: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(printed.len(), 1, "{printed:#?}");
        printed.remove(0)
    }

    #[test]
    fn every_number_has_a_row_and_every_row_an_exercise() {
        let rows =
            "# M {#m}\n\n| | | | |\n|---|---|---|---|\n| M7 | Lost. | |\n| M8 | Doubled. | |\n";
        let nearest = format!("`M8` has no row in {INDEX}: did you mean `M7`? If not, add a row.");
        let add = format!("`M123456` has no row in {INDEX}: add a row, or correct the number.");
        for (file, text, line, sentence) in [
            ("book/src/start.md", "# S {#s}\n\nNot M7a,\nbut *M8* and M8.\n", 4, &*nearest),
            (TESTS, "// M7\n// M7b (M8): x\n", 2, &nearest),
            ("01-demo/exercises/01_echo/hints.md", "1. M8.\n", 1, &nearest),
            (
                "01-demo/exercises/01_echo/wrong/b.diff",
                "M123456 · compile-fail: E0277\nWhy not?\n\n",
                1,
                &add,
            ),
            (INDEX, rows, 6, "no exercise catches M8: write a test, or leave"),
        ] {
            let workspace = Workspace::with_misconceptions();
            workspace.write(file, text);
            let problem = problem(&workspace);
            assert!(problem.starts_with(&format!("{file}:{line}: {sentence}")), "{problem}");
        }
        let workspace = Workspace::with_misconceptions();
        workspace.write("book/src/start.md", "# S {#s}\n\n```text\nM8\n```\n");
        assert_eq!(crate::check::problems(workspace.path()).unwrap(), []);
    }

    #[test]
    fn an_index_that_is_missing_is_asked_for() {
        let workspace = Workspace::with_misconceptions();
        std::fs::remove_file(workspace.path().join(INDEX)).unwrap();
        let summary = "[S](start.md)\n[P](progress.md)\n[W](waker/page.md)\n";
        workspace.write("book/src/SUMMARY.md", summary);
        let printed = problem(&workspace);
        assert!(printed.starts_with(&format!(
            "{INDEX}:1: {TESTS}:1 names the misconception M7, and there is no index of them: add"
        )));
    }
}
