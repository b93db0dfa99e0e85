//! All files of two stages, and how much of each stays.

use std::fmt::Write as _;
use std::path::Path;

use super::code;
use super::difference::{Counts, Difference};
use super::pairs::Beside;
use super::stages::command;
use crate::terminal::{QUIET, STRONG, paragraph, styled};

/// A file of either stage, or of both.
struct Row<'a> {
    old: &'a str,
    new: &'a str,
    says: Option<&'a str>,
    counts: Counts,
}

/// The pairs, then what is gone, then what is new.
///
/// # Errors
/// A file cannot be read.
pub(super) fn table(root: &Path, beside: &Beside) -> anyhow::Result<String> {
    let rows = rows(root, beside)?;
    let old = rows.iter().map(|row| row.old.len()).chain([beside.older.len()]).max().unwrap_or(0);
    let new = rows.iter().map(|row| row.new.len()).chain([beside.newer.len()]).max().unwrap_or(0);
    let mut text = String::new();
    let head = format!("{:old$}  {:new$}  stay    go  come", beside.older, beside.newer);
    let _ = writeln!(text, "{}", styled(STRONG, head));
    for row in &rows {
        let Counts { stay, go, come } = row.counts;
        let _ = writeln!(text, "{:old$}  {:new$}  {stay:>4}  {go:>4}  {come:>4}", row.old, row.new);
        if let Some(says) = row.says {
            text += &styled(QUIET, paragraph(says));
        }
    }
    if let Some(pair) = beside.pairs.first() {
        let name = pair.old.trim_start_matches("src/").trim_end_matches(".rs");
        let command = command(&beside.older, &beside.newer, Some(name));
        let _ = writeln!(
            text,
            "\nLines are those of the code, without tests; indentation does not count.\n\
             One file's difference: {command}"
        );
    }
    Ok(text)
}

fn rows<'a>(root: &Path, beside: &'a Beside) -> anyhow::Result<Vec<Row<'a>>> {
    let mut rows = Vec::new();
    for pair in &beside.pairs {
        let counts = Difference::read(root, beside, pair)?.counts();
        rows.push(Row { old: &pair.old, new: &pair.new, says: pair.says.as_deref(), counts });
    }
    for file in &beside.gone {
        let go = code::read(root, &beside.older, file)?.len();
        let counts = Counts { go, ..Counts::default() };
        rows.push(Row { old: file, new: "(gone)", says: None, counts });
    }
    for file in &beside.new {
        let come = code::read(root, &beside.newer, file)?.len();
        let counts = Counts { come, ..Counts::default() };
        rows.push(Row { old: "(new)", new: file, says: None, counts });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::fixture::two_stages;

    #[test]
    fn every_file_of_both_stages_has_a_line() {
        let root = two_stages();
        let beside = Beside::read(root.path(), "01-old", "02-new").unwrap();
        let table = table(root.path(), &beside).unwrap();
        let table = anstream::adapter::strip_str(&table).to_string();
        assert_eq!(
            table.lines().take(6).collect::<Vec<_>>(),
            [
                "01-old        02-new             stay    go  come",
                "src/echo.rs   src/connection.rs     4     0     3",
                "  It waits.",
                "src/lib.rs    src/lib.rs            0     1     1",
                "src/limit.rs  (gone)                0     1     0",
                "(new)         src/slab/mod.rs       0     0     1",
            ]
        );
        assert!(table.ends_with("One file's difference: cargo workshop diff 01 02 echo\n"));
    }
}
