//! Reads the index of misconceptions: a table with a row for each.

use super::problem::Problem;
use super::{exercises, markdown};
use pulldown_cmark::{Event, Tag};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The page that holds it, below book/src.
pub(super) const PAGE: &str = "misconceptions.md";

/// `| M7 | The mistake. | [Its page](page.md#section) | {{#exercise 01/echo}} |`.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) number: &'a str,
    /// Relative to book/src. Several, where the exercises belong to several.
    pub(super) pages: Vec<PathBuf>,
    pub(super) caught_by: BTreeSet<&'a str>,
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
        let [_, _, links, catchers] = cells[..] else {
            let message = format!(
                "the row of {number} has {} cells: write four, the number, the mistake, its page, and what catches it.",
                cells.len()
            );
            problems.push(problem(line, message));
            continue;
        };
        if let Some(first) = rows.iter().find(|row| row.number == number) {
            let message = format!(
                "{number} has a row already, on line {}: numbers are never given twice, so take the next free one.",
                first.line
            );
            problems.push(problem(line, message));
            continue;
        }
        let pages = pages(links);
        let caught_by = exercises::names(catchers).into_iter().map(|(_, name)| name).collect();
        rows.push(Row { line, number, pages, caught_by });
    }
    (rows, problems)
}

/// The page, with an id at each number, such as `m7`: the page of progress links to it.
pub(super) fn with_ids(page: &str) -> String {
    let number = |line: &str| {
        let cell = line.trim().strip_prefix('|')?.split('|').next()?.trim();
        is_number(cell).then(|| cell.to_owned())
    };
    let with_id = |line: &str| match number(line) {
        Some(number) => {
            let id = number.to_lowercase();
            line.replacen(&number, &format!("<span id=\"{id}\">{number}</span>"), 1)
        }
        None => line.to_owned(),
    };
    page.split_inclusive('\n').map(with_id).collect()
}

/// Something is wrong with the index.
pub(super) fn problem(line: usize, message: String) -> Problem {
    Problem { file: Path::new("book/src").join(PAGE), line, message }
}

/// Whether a word is an M and digits.
pub(super) fn is_number(word: &str) -> bool {
    word.strip_prefix('M')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The pages that a cell links to.
fn pages(cell: &str) -> Vec<PathBuf> {
    let page = |event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => {
            Some(PathBuf::from(dest_url.split('#').next().unwrap_or_default()))
        }
        _ => None,
    };
    markdown::events(cell).filter_map(|(event, _)| page(event)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "| M7 | Lost. | [A](a/b.md#c), [D](d.md) | {{#exercise 01/x}}, `y` |\n";

    #[test]
    fn a_row_has_pages_and_exercises() {
        let page = format!("# M {{#m}}\n\n| | Mistake |\n|---|---|\n{ROW}");
        let (rows, problems) = rows(&page);
        assert_eq!(problems, []);
        let [Row { line: 5, number: "M7", pages, caught_by }] = &rows[..] else {
            panic!("{rows:?}")
        };
        assert_eq!(*pages, ["a/b.md", "d.md"].map(PathBuf::from));
        assert_eq!(*caught_by, BTreeSet::from(["01/x"]));
    }

    #[test]
    fn a_number_has_one_row() {
        let page = format!("{ROW}{ROW}");
        let (rows, problems) = rows(&page);
        assert_eq!((rows.len(), problems.len()), (1, 1));
        assert!(problems[0].message.starts_with("M7 has a row already, on line 1: "));
    }

    #[test]
    fn a_row_has_four_cells() {
        let (rows, problems) = rows("| M8 | Doubled. | |\n");
        assert_eq!((rows.len(), problems.len()), (0, 1));
        assert!(problems[0].message.starts_with("the row of M8 has 3 cells: "));
    }

    #[test]
    fn the_number_of_each_row_has_an_id() {
        let page = format!("# M7 {{#m}}\n\n| | M7 |\n|---|---|\n{ROW}\nM7\n");
        let expected = page.replace("| M7 | Lost", "| <span id=\"m7\">M7</span> | Lost");
        assert_eq!(with_ids(&page), expected);
    }
}
