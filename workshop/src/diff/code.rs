//! What is compared of a file: its code, without the tests and the book's marks.

use std::path::Path;

use anyhow::Context;

/// A line of code, and where its file has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) text: String,
}

/// The code of a file.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read(root: &Path, stage: &str, file: &str) -> anyhow::Result<Vec<Line>> {
    let text = std::fs::read_to_string(root.join(stage).join(file))
        .with_context(|| format!("reading {stage}/{file}"))?;
    Ok(code(&text))
}

/// The lines before the module of tests, which ends a file; `// ANCHOR` lines are left out.
fn code(text: &str) -> Vec<Line> {
    let all: Vec<_> = text.lines().collect();
    let is_test_module = |two: &[&str]| two[0] == "#[cfg(test)]" && two[1].starts_with("mod tests");
    let end = all.windows(2).position(is_test_module).unwrap_or(all.len());
    let end = all[..end].iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let numbered = all[..end].iter().zip(1..);
    numbered
        .filter(|(line, _)| !line.trim_start().starts_with("// ANCHOR"))
        .map(|(line, number)| Line { number, text: (*line).to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, String)> {
        code(text).into_iter().map(|line| (line.number, line.text)).collect()
    }

    #[test]
    fn tests_and_marks_are_left_out_and_lines_keep_their_numbers() {
        let text =
            "a\n    // ANCHOR: b\nb\n// ANCHOR_END: b\n\n#[cfg(test)]\nmod tests {\n    c\n}\n";
        assert_eq!(lines(text), [(1, "a".to_owned()), (3, "b".to_owned())]);
    }

    #[test]
    fn a_function_for_tests_is_no_module_of_tests() {
        let text = "#[cfg(test)]\nfn helper() {}\n// ANCHORS\n";
        assert_eq!(lines(text).len(), 2);
        assert_eq!(lines("").len(), 0);
    }
}
