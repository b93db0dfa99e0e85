//! What differs between two files.

use std::path::Path;

use similar::{Algorithm, DiffOp, capture_diff_slices_by_key};

use super::code::{self, Line};
use super::pair::Pair;
use super::pairs::Beside;

/// The code of two files, and how one becomes the other.
pub(super) struct Difference {
    pub(super) old: Vec<Line>,
    pub(super) new: Vec<Line>,
    pub(super) steps: Vec<DiffOp>,
}

/// How many lines stay, go and come.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) stay: usize,
    pub(super) go: usize,
    pub(super) come: usize,
}

impl Difference {
    /// Compares the files of a pair.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub(super) fn read(root: &Path, beside: &Beside, pair: &Pair) -> anyhow::Result<Self> {
        let old = code::read(root, &beside.older, &pair.old)?;
        let new = code::read(root, &beside.newer, &pair.new)?;
        Ok(Self::between(old, new))
    }

    /// Patience looks for lines that each file has once, which are those that a reader knows again:
    /// a name, a signature, and no closing brace. Indentation does not count: a function that
    /// became a method is still the same function.
    pub(super) fn between(old: Vec<Line>, new: Vec<Line>) -> Self {
        let key = |line: &Line| line.text.trim().to_owned();
        let steps = capture_diff_slices_by_key(Algorithm::Patience, &old, &new, key);
        Self { old, new, steps }
    }

    pub(super) fn counts(&self) -> Counts {
        let stay: usize = self.steps.iter().map(stays).sum();
        Counts { stay, go: self.old.len() - stay, come: self.new.len() - stay }
    }
}

fn stays(step: &DiffOp) -> usize {
    match step {
        DiffOp::Equal { len, .. } => *len,
        _ => 0,
    }
}

/// Code for a test, numbered from 1.
#[cfg(test)]
pub(super) fn lines(text: &str) -> Vec<Line> {
    text.lines().zip(1..).map(|(line, number)| Line { number, text: line.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_whatever_their_indentation() {
        let difference = Difference::between(lines("a\nb\nc"), lines("    a\n    c\n    d\n    e"));
        assert_eq!(difference.counts(), Counts { stay: 2, go: 1, come: 2 });
    }
}
