//! The difference between two files, in the form that `diff -u` and git use.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use anstyle::Style;
use similar::{DiffOp, group_diff_ops};

use super::code::Line;
use super::difference::Difference;
use super::pair::Pair;
use super::pairs::Beside;
use crate::terminal::{BAD, GOOD, QUIET, STRONG, paragraph, styled};

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// What became of a file, then its lines: `-` for those that are gone, `+` for new ones.
///
/// # Errors
/// A file cannot be read.
pub(super) fn unified(root: &Path, beside: &Beside, pair: &Pair) -> anyhow::Result<String> {
    let difference = Difference::read(root, beside, pair)?;
    let mut text = String::new();
    if let Some(says) = &pair.says {
        text += &format!("{}\n", paragraph(says));
    }
    let _ = writeln!(text, "{}", styled(STRONG, format!("--- {}/{}", beside.older, pair.old)));
    let _ = writeln!(text, "{}", styled(STRONG, format!("+++ {}/{}", beside.newer, pair.new)));
    text += &hunks(difference);
    Ok(text)
}

/// The changes, each with the unchanged lines around it.
fn hunks(difference: Difference) -> String {
    let Difference { old, new, steps } = difference;
    let mut text = String::new();
    for hunk in group_diff_ops(steps, CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let of_old = first.old_range().start..last.old_range().end;
        let of_new = first.new_range().start..last.new_range().end;
        let head = format!("@@ -{} +{} @@", place(&old, of_old), place(&new, of_new));
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
    use super::super::difference::lines;
    use super::*;
    use crate::diff::fixture::two_stages;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_pair_is_its_sentence_and_what_goes_and_comes() {
        let root = two_stages();
        let beside = Beside::read(root.path(), "01-old", "02-new").unwrap();
        let shown = unified(root.path(), &beside, &beside.pairs[0]).unwrap();
        assert_eq!(
            plain(&shown),
            "  It waits.\n\n--- 01-old/src/echo.rs\n+++ 02-new/src/connection.rs\n\
             @@ -2,4 +1,7 @@\n+impl Connection {\n     pub fn echo() {\n         read();\n\
             +        wait();\n         write();\n     }\n+}\n"
        );
    }

    #[test]
    fn colours_come_with_the_marks_and_not_in_their_place() {
        let shown = hunks(Difference::between(lines("a\nb"), lines("a\nc")));
        assert!(shown.contains(&styled(BAD, "-b")) && shown.contains(&styled(GOOD, "+c")));
        assert_eq!(plain(&shown), "@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
    }

    #[test]
    fn three_lines_that_stay_are_shown_on_each_side() {
        let old: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let new = old.replace("10\n", "");
        let shown = plain(&hunks(Difference::between(lines(&old), lines(&new))));
        assert_eq!(shown, "@@ -7,7 +7,6 @@\n 7\n 8\n 9\n-10\n 11\n 12\n 13\n");
    }

    #[test]
    fn an_empty_line_that_stays_is_empty() {
        let shown = plain(&hunks(Difference::between(lines("a\n\nb"), lines("a\n\nc"))));
        assert_eq!(shown, "@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n");
    }

    #[test]
    fn files_that_do_not_differ_say_so() {
        let same = hunks(Difference::between(lines("a"), lines("a")));
        assert_eq!(same, "No line of their code differs.\n");
    }
}
