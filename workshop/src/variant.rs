//! The files of an exercise that claim something of themselves: starter, right and wrong answers.

use std::path::PathBuf;

use crate::exercise::{Exercise, read};
use crate::package::Target;
use crate::wrong::{self, Caught, Wrong};

/// A text to be judged in place of exercise.rs.
pub(crate) struct Variant<'a> {
    pub(crate) exercise: &'a Exercise,
    pub(crate) file: PathBuf,
    pub(crate) claim: Claim,
    /// What is in exercise.rs then; or why the file does not yield that.
    pub(crate) text: Result<String, String>,
}

/// What a variant says will happen to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The starter: some test fails, and it compiles without a warning.
    Fails,
    /// The solution: all tests pass, and clippy has nothing to say.
    Passes,
    /// Another right answer: all tests pass.
    PassesToo,
    /// A wrong answer.
    Wrong { misconception: String, caught: Caught },
}

impl<'a> Variant<'a> {
    /// Starter, solution, other right answers, and wrong answers of an exercise.
    pub(crate) fn all(exercise: &'a Exercise) -> anyhow::Result<Vec<Self>> {
        let whole = |file: PathBuf, claim| -> anyhow::Result<Self> {
            let text = Ok(read(&file)?);
            Ok(Self { exercise, file, claim, text })
        };
        let mut variants = vec![
            whole(exercise.starter(), Claim::Fails)?,
            whole(exercise.folder.join("solution.rs"), Claim::Passes)?,
        ];
        for file in wrong::files(&exercise.folder.join("right"), "rs")? {
            variants.push(whole(file, Claim::PassesToo)?);
        }
        for wrong in wrong::all(exercise)? {
            let text = wrong.answer();
            let Wrong { file, misconception, caught, .. } = wrong;
            let claim = Claim::Wrong { misconception, caught };
            variants.push(Self { exercise, file, claim, text });
        }
        Ok(variants)
    }

    /// Its target in the generated package.
    pub(crate) fn target(&self) -> anyhow::Result<Target> {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let kind = match self.claim {
            Claim::Fails | Claim::Passes => "",
            Claim::PassesToo => "right__",
            Claim::Wrong { .. } => "wrong__",
        };
        Ok(Target {
            name: format!("{}__{kind}{stem}", self.exercise.target()),
            tests: read(&self.exercise.tests())?,
            // Nothing, if there is no text: what cannot be made is not judged.
            exercise: self.text.clone().unwrap_or_default(),
        })
    }
}
