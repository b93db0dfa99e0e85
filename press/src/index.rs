//! The index of misconceptions: a table with a row for each, to which is added what catches it.

use super::exercise_links;
use super::page::Page;
use super::problem::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use workshop::exercise::Exercise;
use workshop::wrong;

/// The page that holds it, below book/src.
pub(super) const PAGE: &str = "misconceptions.md";

/// `| M7 | The mistake. | [Its page](page.md#section) |`.
#[derive(Debug, PartialEq)]
pub(super) struct Row<'a> {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) number: &'a str,
}

/// The exercises that catch each number: a test's message names it, or a wrong answer's head.
pub(super) fn caught_by<'a>(
    exercises: impl Iterator<Item = &'a Exercise>,
) -> BTreeMap<String, Vec<&'a Exercise>> {
    let mut caught: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for exercise in exercises {
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

/// The rows, and what is wrong with their form.
pub(super) fn rows(page: &str) -> (Vec<Row<'_>>, Vec<Problem>) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut problems = Vec::new();
    for (line, text) in (1..).zip(page.lines()) {
        let Some(cells) = text.trim().strip_prefix('|').and_then(|row| row.strip_suffix('|'))
        else {
            continue;
        };
        let cells: Vec<_> = cells.split('|').map(str::trim).collect();
        let number = cells[0];
        if !is_number(number) {
            continue;
        }
        if cells.len() != 3 {
            let message = format!(
                "the row of {number} has {} cells: write three, the number, the mistake and its page. What catches it is added.",
                cells.len()
            );
            problems.push(problem(line, message));
            continue;
        }
        if let Some(first) = rows.iter().find(|row| row.number == number) {
            let message = format!(
                "{number} has a row already, on line {}: numbers are never given twice, so take the next free one.",
                first.line
            );
            problems.push(problem(line, message));
            continue;
        }
        rows.push(Row { line, number });
    }
    (rows, problems)
}

/// The index, with an id at each number, such as `m7`, to which the page of progress links; and with
/// the exercises that catch each.
///
/// # Errors
/// The exercises are not known.
pub(super) fn completed(text: &str, page: &Page<'_>) -> Result<String, String> {
    let caught = caught_by(page.workspace()?.exercises());
    let number = |line: &str| {
        let cell = line.trim().strip_prefix('|')?.split('|').next()?.trim();
        is_number(cell).then(|| cell.to_owned())
    };
    let complete = |line: &str| {
        let Some(number) = number(line) else { return Ok(format!("{line}\n")) };
        let id = number.to_lowercase();
        let line = line.replacen(&number, &format!("<span id=\"{id}\">{number}</span>"), 1);
        let exercises = caught.get(&number).into_iter().flatten();
        let links: Result<Vec<_>, _> =
            exercises.map(|exercise| exercise_links::link(&exercise.short_id(), page)).collect();
        Ok(format!("{} {} |\n", line.trim_end(), links?.join(", ")))
    };
    text.lines().map(complete).collect()
}

/// Something is wrong with the index.
pub(super) fn problem(line: usize, message: String) -> Problem {
    Problem { file: Path::new("book/src").join(PAGE), line, message }
}

/// The words that are an M and digits.
pub(super) fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices('M').filter_map(move |(byte, _)| {
        let rest = &text[byte..];
        let word = &rest[..rest.find(|c| !in_word(c)).unwrap_or(rest.len())];
        (!text[..byte].ends_with(in_word) && is_number(word)).then_some(word)
    })
}

/// Whether a word is an M and digits.
fn is_number(word: &str) -> bool {
    word.strip_prefix('M')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::build;
    use crate::fixture::Workspace;

    const ROW: &str = "| M7 | Lost. | [A](a/b.md#c), [D](d.md) |\n";

    #[test]
    fn a_number_has_one_row() {
        let page = format!("{ROW}{ROW}");
        let (rows, problems) = rows(&page);
        assert_eq!((rows.len(), problems.len()), (1, 1));
        assert!(problems[0].message.starts_with("M7 has a row already, on line 1: "));
    }

    #[test]
    fn a_row_has_three_cells() {
        let (rows, problems) = rows("| M8 | Doubled. | | x |\n");
        assert_eq!((rows.len(), problems.len()), (0, 1));
        assert!(problems[0].message.starts_with("the row of M8 has 4 cells: "));
    }

    #[test]
    fn a_row_shows_what_catches_it() {
        let workspace = Workspace::with_misconceptions();
        let html = build(workspace.path(), &workspace.path().join("out")).unwrap();
        let page = std::fs::read_to_string(html.join("misconceptions.html")).unwrap();
        let cells = [
            "<td><span id=\"m7\">M7</span></td>",
            "<td><a href=\"progress.html#01-echo\"><code>echo</code></a></td>",
        ];
        assert!(cells.iter().all(|cell| page.contains(cell)), "{page}");
    }
}
