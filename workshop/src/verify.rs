//! Are the exercises right? Starters fail, right answers pass, and each wrong answer is caught by
//! the test that it names.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::cargo::Built;
use crate::exercise::Exercise;
use crate::judge::in_parallel;
use crate::package::Package;
use crate::run::{self, Outcome};
use crate::variant::{Claim, Variant};
use crate::workspace::Workspace;
use crate::wrong::Caught;

/// What was found out about one exercise.
#[derive(Debug, Serialize)]
pub(crate) struct Proof {
    pub(crate) exercise: String,
    pub(crate) stage: String,
    /// `fails`, as it must, or `passes`.
    pub(crate) starter: Ending,
    /// `passes`, as it must, or `fails`.
    pub(crate) solution: Ending,
    pub(crate) wrong: Vec<WrongAnswer>,
    /// What is not as it must be, a sentence each.
    pub(crate) findings: Vec<String>,
    /// How long its variants ran, one after another.
    pub(crate) seconds: f64,
}

/// How long a test may run. Only a test that nothing else ends comes near it: the instruments give up
/// after a minute, and slowness of the machine proves nothing.
const LIMIT: Duration = Duration::from_secs(120);

/// Whether a variant's tests pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ending {
    Passes,
    Fails,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Passes { "passes" } else { "fails" })
    }
}

/// A wrong answer, and whether it was caught as it claims.
#[derive(Debug, Serialize)]
pub(crate) struct WrongAnswer {
    pub(crate) file: String,
    pub(crate) misconception: String,
    /// The test, or the compiler's code, that it names.
    pub(crate) test: String,
    pub(crate) caught: bool,
    pub(crate) seconds: f64,
}

/// Proves the exercises. `progress` is called with the number of variants, and then once for each that
/// is done; `waiting` as [`OwnTarget::lock`](crate::own_target::OwnTarget::lock) calls it.
///
/// # Errors
/// cargo cannot work, a file cannot be read, or a wrong answer claims nothing.
pub(crate) fn verify(
    workspace: &Workspace,
    exercises: &[&Exercise],
    progress: &(dyn Fn(Progress) + Sync),
    waiting: &dyn Fn(bool),
) -> anyhow::Result<Vec<Proof>> {
    let mut variants = Vec::new();
    // Listed once: files may come and go while we run.
    let mut counts = Vec::new();
    for exercise in exercises {
        exercise.spec()?;
        let of_exercise = Variant::all(exercise)?;
        counts.push(of_exercise.len());
        variants.extend(of_exercise);
    }
    progress(Progress::Building(variants.len()));
    let targets: Vec<_> = variants.iter().map(Variant::target).collect::<Result<_, _>>()?;
    let package = Package::write(workspace, &targets.iter().collect::<Vec<_>>(), waiting)?;
    let all_tests = vec!["--tests".to_owned()];
    let mut built = package.cargo("build", all_tests, false, || progress(Progress::Done))?;
    let mut solutions = Vec::new();
    for (variant, target) in variants.iter().zip(&targets) {
        if variant.claim == Claim::Passes {
            solutions.extend(["--test".to_owned(), target.name.clone()]);
        }
    }
    progress(Progress::Linting);
    let mut linted = package.cargo("clippy", solutions, false, || ())?;

    progress(Progress::Running(variants.len()));
    let jobs: Vec<_> = variants
        .iter()
        .zip(&targets)
        .map(|(variant, target)| {
            (variant, package.take(&mut built, target), package.take(&mut linted, target))
        })
        .collect();
    // More than there are processors: many of them wait for a hang to be noticed.
    let results = in_parallel(&jobs, 8, |(variant, built, linted)| {
        let start = Instant::now();
        let found = examine(variant, built, linted)?;
        progress(Progress::Done);
        Ok((found, start.elapsed().as_secs_f64()))
    });
    let mut results = variants.iter().zip(results);
    exercises
        .iter()
        .zip(counts)
        .map(|(exercise, count)| {
            let mut proof = Proof::new(exercise);
            for (variant, result) in results.by_ref().take(count) {
                let (found, seconds) = result?;
                proof.add(workspace, variant, found, seconds);
            }
            Ok(proof)
        })
        .collect()
}

/// How far it is.
pub(crate) enum Progress {
    /// This many variants will be built.
    Building(usize),
    /// clippy looks at the solutions.
    Linting,
    /// This many variants will be run.
    Running(usize),
    /// One more of them is done.
    Done,
}

/// What became of a variant.
struct Found {
    ending: Ending,
    /// Why the claim is not true.
    finding: Option<String>,
}

fn examine(variant: &Variant<'_>, built: &Built, linted: &Built) -> anyhow::Result<Found> {
    let fails = |finding| Ok(Found { ending: Ending::Fails, finding });
    if let Err(why) = &variant.text {
        return fails(Some(why.clone()));
    }
    let Some(program) = &built.program else {
        return fails(refused(&variant.claim, built));
    };
    let failure = first_failure(variant.exercise, program)?;
    let ending = if failure.is_some() { Ending::Fails } else { Ending::Passes };
    let warning = built.warnings.iter().chain(&linted.warnings).map(|w| w.rendered.trim()).next();
    let finding = match (&variant.claim, failure) {
        (Claim::Fails, None) => Some("it passes all tests: nothing is left to solve".to_owned()),
        (Claim::Passes | Claim::PassesToo, Some((test, why))) => {
            Some(format!("it is right, but fails {test}: {why}"))
        }
        (Claim::PassesToo, None) => None,
        (Claim::Fails, Some(_)) | (Claim::Passes, None) => {
            warning.map(|warning| format!("it does not compile without a warning:\n{warning}"))
        }
        (Claim::Wrong { caught: Caught::By(test), .. }, None) => {
            Some(format!("no test catches it, not even {test}: the tests let a wrong answer pass"))
        }
        (Claim::Wrong { misconception, caught: Caught::By(test) }, Some((first, why))) => {
            if first != *test {
                Some(format!("it names {test}, but the first test that fails is {first}: {why}"))
            } else if !names(&why, misconception) {
                Some(format!("{test} catches it, but does not mention {misconception}: {why}"))
            } else {
                None
            }
        }
        (Claim::Wrong { caught: Caught::Refused(code), .. }, _) => {
            Some(format!("rustc accepts it, but should refuse it with {code}"))
        }
    };
    Ok(Found { ending, finding })
}

/// What is wrong with a variant that does not compile; nothing, if it claims that.
fn refused(claim: &Claim, built: &Built) -> Option<String> {
    let codes: Vec<_> = built.errors.iter().filter_map(|error| error.code.as_deref()).collect();
    match claim {
        Claim::Wrong { caught: Caught::Refused(code), .. } => (!codes.contains(&code.as_str()))
            .then(|| {
                format!(
                    "it should be refused with {code}, and is refused with {}",
                    codes.join(", ")
                )
            }),
        _ => {
            let errors: String = built.errors.iter().map(|error| error.rendered.as_str()).collect();
            Some(format!("it does not compile:\n{errors}"))
        }
    }
}

/// The first declared test that fails, and its message.
fn first_failure(exercise: &Exercise, program: &Path) -> anyhow::Result<Option<(String, String)>> {
    for test in &exercise.spec()?.tests {
        if let Outcome::Failed { why, .. } = run::test(program, test, LIMIT)? {
            return Ok(Some((test.clone(), why)));
        }
    }
    Ok(None)
}

/// Whether a message names a misconception, as a whole word: M2 is not M28.
fn names(message: &str, misconception: &str) -> bool {
    message.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == misconception)
}

impl Proof {
    fn new(exercise: &Exercise) -> Self {
        let findings = exercise.sealed_tests().err().map(|why| {
            format!("{why}\nIf you are its author: cargo workshop seal {}", exercise.name)
        });
        Self {
            exercise: exercise.name.clone(),
            stage: exercise.stage.clone(),
            starter: Ending::Passes,
            solution: Ending::Fails,
            wrong: Vec::new(),
            findings: findings.into_iter().collect(),
            seconds: 0.0,
        }
    }

    fn add(&mut self, workspace: &Workspace, variant: &Variant<'_>, found: Found, seconds: f64) {
        let Found { ending, finding } = found;
        self.seconds += seconds;
        match &variant.claim {
            Claim::Fails => self.starter = ending,
            Claim::Passes => self.solution = ending,
            Claim::PassesToo => {}
            Claim::Wrong { misconception, caught } => self.wrong.push(WrongAnswer {
                file: variant.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                misconception: misconception.clone(),
                test: caught.name().to_owned(),
                caught: finding.is_none(),
                seconds,
            }),
        }
        if let Some(finding) = finding {
            self.findings.push(format!("{}: {finding}", workspace.shown(&variant.file)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misconception_is_named_as_a_whole_word() {
        assert!(names("M2: the gate opened", "M2"));
        assert!(!names("M28: interrupted", "M2"));
        assert!(names("see (M2).", "M2"));
    }
}
