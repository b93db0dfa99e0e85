//! What differs between two files: of their code, without the tests and the book's marks.

use std::path::Path;

use anyhow::Context;
use similar::{Algorithm, DiffOp, capture_diff_slices_by_key};

/// A line of code, and where its file has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) text: String,
}

/// The code of a file.
pub(super) fn read(root: &Path, stage: &str, file: &str) -> anyhow::Result<Vec<Line>> {
    let text = std::fs::read_to_string(root.join(stage).join(file))
        .with_context(|| format!("reading {stage}/{file}"))?;
    Ok(code(&text))
}

/// The lines before the module of tests, which ends a file; `// ANCHOR` lines are left out.
pub(super) fn code(text: &str) -> Vec<Line> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let numbered = (1..).zip(code.trim_end().lines());
    numbered
        .filter(|(_, line)| !line.trim_start().starts_with("// ANCHOR"))
        .map(|(number, line)| Line { number, text: line.to_owned() })
        .collect()
}

/// How one file becomes the other. Patience looks for lines that each file has once, which are those
/// that a reader knows again: a name, a signature, and no closing brace. Indentation does not count: a
/// function that became a method is still the same function.
pub(super) fn between(old: &[Line], new: &[Line]) -> Vec<DiffOp> {
    capture_diff_slices_by_key(Algorithm::Patience, old, new, |line| line.text.trim().to_owned())
}

/// How many lines stay.
pub(super) fn stay(steps: &[DiffOp]) -> usize {
    let stays = |step: &DiffOp| match step {
        DiffOp::Equal { len, .. } => *len,
        _ => 0,
    };
    steps.iter().map(stays).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_marks_are_left_out_and_lines_keep_their_numbers() {
        let text =
            "a\n    // ANCHOR: b\nb\n// ANCHOR_END: b\n\n#[cfg(test)]\nmod tests {\n    c\n}\n";
        let lines: Vec<_> = code(text).into_iter().map(|line| (line.number, line.text)).collect();
        assert_eq!(lines, [(1, "a".to_owned()), (3, "b".to_owned())]);
        assert_eq!(code("#[cfg(test)]\nfn helper() {}\n// ANCHORS\n").len(), 2);
    }
}
