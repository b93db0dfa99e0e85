//! The files of an exercise that claim something of themselves: starter, solution, wrong
//! answers.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::exercise::{Exercise, read};
use crate::package::Target;

/// One file that could stand in the place of exercise.rs.
pub(crate) struct Variant<'a> {
    pub(crate) exercise: &'a Exercise,
    pub(crate) file: PathBuf,
    pub(crate) claim: Claim,
}

/// What a variant says will happen to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The starter: some test fails, and it compiles without a warning.
    Fails,
    /// The solution: all tests pass, and clippy has nothing to say.
    Passes,
    /// A wrong answer: this test is the first that fails, and its message names the
    /// misconception.
    FailsFirst { misconception: String, test: String },
    /// A wrong answer that rustc refuses with this code.
    DoesNotCompile { misconception: String, code: String },
}

impl<'a> Variant<'a> {
    /// Starter, solution, and wrong answers of an exercise.
    ///
    /// # Errors
    /// A wrong answer's first line makes no claim.
    pub(crate) fn all(exercise: &'a Exercise) -> anyhow::Result<Vec<Self>> {
        let variant = |file, claim| Self { exercise, file, claim };
        let mut variants = vec![
            variant(exercise.starter(), Claim::Fails),
            variant(exercise.folder.join("solution.rs"), Claim::Passes),
        ];
        let folder = exercise.folder.join("wrong");
        let mut wrong = Vec::new();
        for entry in folder.read_dir().with_context(|| format!("reading {}", folder.display()))? {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == "rs") {
                wrong.push(file);
            }
        }
        wrong.sort();
        for file in wrong {
            let text = fs::read_to_string(&file)?;
            let claim = Claim::parse(text.lines().next().unwrap_or_default())
                .with_context(|| file.display().to_string())?;
            variants.push(variant(file, claim));
        }
        Ok(variants)
    }

    /// Its target in the generated package.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn target(&self) -> anyhow::Result<Target> {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let kind = match self.claim {
            Claim::Fails | Claim::Passes => "",
            _ => "wrong__",
        };
        Ok(Target {
            name: format!("{}__{kind}{stem}", self.exercise.target()),
            tests: read(&self.exercise.tests())?,
            exercise: read(&self.file)?,
        })
    }
}

impl Claim {
    /// Reads `//! M2 · fails: TEST` or `//! M2 · compile-fail: E0277`.
    fn parse(line: &str) -> anyhow::Result<Self> {
        let parts = line.strip_prefix("//! ").and_then(|line| line.split_once(" · "));
        if let Some((misconception, claim)) = parts
            && misconception.strip_prefix('M').is_some_and(|number| number.parse::<u32>().is_ok())
        {
            let misconception = misconception.to_owned();
            if let Some(test) = claim.strip_prefix("fails: ") {
                return Ok(Self::FailsFirst { misconception, test: test.trim().to_owned() });
            }
            if let Some(code) = claim.strip_prefix("compile-fail: ") {
                return Ok(Self::DoesNotCompile { misconception, code: code.trim().to_owned() });
            }
        }
        bail!(
            "the first line of a wrong answer says what catches it, like \
             `//! M2 · fails: name_of_the_test` or `//! M2 · compile-fail: E0277`; here it is `{line}`"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_claims_a_test_or_a_code() {
        let claim = Claim::parse("//! M2 · fails: a_test").unwrap();
        let (misconception, test) = ("M2".to_owned(), "a_test".to_owned());
        assert_eq!(claim, Claim::FailsFirst { misconception, test });
        let claim = Claim::parse("//! M12 · compile-fail: E0277").unwrap();
        let (misconception, code) = ("M12".to_owned(), "E0277".to_owned());
        assert_eq!(claim, Claim::DoesNotCompile { misconception, code });
    }

    #[test]
    fn a_line_that_claims_nothing_is_an_error_that_shows_how() {
        for line in ["", "//! One conversation.", "//! M · fails: x", "//! M2 fails: x"] {
            let error = Claim::parse(line).unwrap_err().to_string();
            assert!(error.contains("//! M2 · fails: name_of_the_test"), "{line}: {error}");
        }
    }
}
