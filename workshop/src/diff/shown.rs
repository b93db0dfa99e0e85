//! How differences look: all files of two stages in a table, one file in the form that `diff -u` and
//! git have made known.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use anstyle::Style;
use similar::{DiffOp, group_diff_ops};

use super::difference::{Line, between, read, stay};
use super::pairs::{Beside, Pair};
use super::stages::command;
use crate::terminal::{BAD, GOOD, QUIET, STRONG, paragraph, styled};

/// How many lines that stay are shown around those that do not.
const CONTEXT: usize = 3;

/// The pairs, then what is gone, then what is new, each with how many lines stay, go and come.
pub(super) fn table(root: &Path, beside: &Beside) -> anyhow::Result<String> {
    let Beside { older, newer, pairs, gone, new } = beside;
    let mut rows = Vec::new();
    for Pair { old, new, says, .. } in pairs {
        let (before, after) = (read(root, older, old)?, read(root, newer, new)?);
        let stay = stay(&between(&before, &after));
        let counts = [stay, before.len() - stay, after.len() - stay];
        rows.push((old.as_str(), new.as_str(), says.as_str(), counts));
    }
    for file in gone {
        rows.push((file, "(gone)", "", [0, read(root, older, file)?.len(), 0]));
    }
    for file in new {
        rows.push(("(new)", file, "", [0, 0, read(root, newer, file)?.len()]));
    }
    let old_width = rows.iter().map(|row| row.0.len()).chain([older.len()]).max().unwrap_or(0);
    let new_width = rows.iter().map(|row| row.1.len()).chain([newer.len()]).max().unwrap_or(0);
    let head = format!("{older:old_width$}  {newer:new_width$}  stay    go  come");
    let mut text = format!("{}\n", styled(STRONG, head));
    for (old, new, says, [stay, go, come]) in rows {
        let _ = writeln!(text, "{old:old_width$}  {new:new_width$}  {stay:>4}  {go:>4}  {come:>4}");
        if !says.is_empty() {
            text += &styled(QUIET, paragraph(says));
        }
    }
    if let Some(pair) = pairs.first() {
        let name = pair.old.trim_start_matches("src/").trim_end_matches(".rs");
        let _ = writeln!(
            text,
            "\nLines are those of the code, without tests; indentation does not count.\n\
             One file's difference: {} {name}",
            command(older, newer)
        );
    }
    Ok(text)
}

/// What becomes of a file, then its lines: `-` goes, `+` comes.
pub(super) fn unified(root: &Path, beside: &Beside, pair: &Pair) -> anyhow::Result<String> {
    let Beside { older, newer, .. } = beside;
    let Pair { old, new, says, .. } = pair;
    let mut text = if says.is_empty() { String::new() } else { paragraph(says) + "\n" };
    let _ = writeln!(text, "{}", styled(STRONG, format!("--- {older}/{old}")));
    let _ = writeln!(text, "{}", styled(STRONG, format!("+++ {newer}/{new}")));
    Ok(text + &hunks(&read(root, older, old)?, &read(root, newer, new)?))
}

/// What differs, with what stays around it.
fn hunks(old: &[Line], new: &[Line]) -> String {
    let mut text = String::new();
    for hunk in group_diff_ops(between(old, new), CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let of_old = first.old_range().start..last.old_range().end;
        let of_new = first.new_range().start..last.new_range().end;
        let head = format!("@@ -{} +{} @@", place(old, of_old), place(new, of_new));
        let _ = writeln!(text, "{}", styled(QUIET, head));
        for step in hunk {
            if let DiffOp::Equal { .. } = step {
                write_lines(&mut text, Style::new(), ' ', &new[step.new_range()]);
            } else {
                write_lines(&mut text, BAD, '-', &old[step.old_range()]);
                write_lines(&mut text, GOOD, '+', &new[step.new_range()]);
            }
        }
    }
    if text.is_empty() { "No line of their code differs.\n".to_owned() } else { text }
}

/// Where a hunk begins in the file itself, and how many lines of it are shown.
fn place(lines: &[Line], shown: Range<usize>) -> String {
    let before = || lines[..shown.start].last().map_or(0, |line| line.number);
    let first = lines[shown.clone()].first().map_or_else(before, |line| line.number);
    format!("{first},{}", shown.len())
}

/// Lines behind their mark, which says without colours what they are.
fn write_lines(text: &mut String, style: Style, mark: char, lines: &[Line]) {
    for line in lines {
        let line = format!("{mark}{}", line.text);
        let _ = writeln!(text, "{}", styled(style, line.trim_end()));
    }
}

#[cfg(test)]
mod tests {
    use crate::diff::diff;
    use crate::diff::difference::code;
    use crate::diff::fixture::two_stages;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    fn hunks(old: &str, new: &str) -> String {
        plain(&super::hunks(&code(old), &code(new)))
    }

    #[test]
    fn every_file_of_both_stages_has_a_line() {
        let root = two_stages();
        let table = plain(&diff(root.path(), "01", "02", None).unwrap());
        let rows = [
            "01-old        02-new             stay    go  come",
            "src/echo.rs   src/connection.rs     4     0     3",
            "  It waits.",
            "src/lib.rs    src/lib.rs            0     1     1",
            "src/limit.rs  (gone)                0     1     0",
            "(new)         src/slab/mod.rs       0     0     1",
        ];
        assert!(table.starts_with(&rows.join("\n")), "{table}");
        assert!(table.ends_with("One file's difference: cargo workshop diff 01 02 echo\n"));
    }

    #[test]
    fn three_lines_that_stay_are_shown_on_each_side_and_empty_ones_are_empty() {
        let old: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let shown = hunks(&old, &old.replace("10\n", ""));
        assert_eq!(shown, "@@ -7,7 +7,6 @@\n 7\n 8\n 9\n-10\n 11\n 12\n 13\n");
        assert_eq!(hunks("a\n\nb", "a\n\nc"), "@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n");
        assert_eq!(hunks("a", "a"), "No line of their code differs.\n");
    }
}
