//! Are the exercises right? Starters fail, right answers pass, and each wrong answer is caught by
//! the test that it names.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::cargo::Built;
use crate::exercise::Exercise;
use crate::judge::in_parallel;
use crate::own_target::say_waiting;
use crate::package::Package;
use crate::run::{self, Failure};
use crate::variant::{Claim, Variant};
use crate::workspace::Workspace;
use crate::wrong::{Caught, misconceptions};

/// What was found out about one exercise.
#[derive(Debug, Serialize)]
pub(crate) struct Proof {
    pub(crate) exercise: String,
    pub(crate) stage: String,
    /// `fails`, as it must, or `passes`.
    pub(crate) starter: &'static str,
    /// `passes`, as it must, or `fails`.
    pub(crate) solution: &'static str,
    pub(crate) wrong: Vec<WrongAnswer>,
    /// What is not as it must be, a sentence each.
    pub(crate) findings: Vec<String>,
    /// How long its variants ran, one after another.
    pub(crate) seconds: f64,
}

/// How long a test may run. Only a test that nothing else ends comes near it: the instruments give up
/// after a minute, and slowness of the machine proves nothing.
const LIMIT: Duration = Duration::from_secs(120);

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

/// Proves the exercises, and shows on standard error how far it is.
pub(crate) fn verify(workspace: &Workspace, exercises: &[&Exercise]) -> anyhow::Result<Vec<Proof>> {
    let mut variants = Vec::new();
    for exercise in exercises {
        exercise.spec()?;
        variants.extend(Variant::all(exercise)?);
    }
    let targets: Vec<_> = variants.iter().map(Variant::target).collect::<Result<_, _>>()?;
    let package = Package::write(workspace, &targets.iter().collect::<Vec<_>>(), &say_waiting)?;
    let bar = progress_bar("building", variants.len());
    let mut built = package.cargo("build", vec!["--tests".into()], false, || bar.inc(1))?;
    bar.finish_and_clear();
    let mut solutions = Vec::new();
    for (variant, target) in variants.iter().zip(&targets) {
        if variant.claim == Claim::Passes {
            solutions.extend(["--test".to_owned(), target.name.clone()]);
        }
    }
    let bar = progress_bar("clippy on the solutions", 1);
    let mut linted = package.cargo("clippy", solutions, false, || ())?;
    bar.finish_and_clear();

    let bar = progress_bar("running", variants.len());
    let take = |(variant, target)| {
        (variant, package.take(&mut built, target), package.take(&mut linted, target))
    };
    let jobs: Vec<_> = variants.iter().zip(&targets).map(take).collect();
    // More than there are processors: many of them wait for a hang to be noticed.
    let results = in_parallel(&jobs, 8, |(variant, built, linted)| {
        let start = Instant::now();
        let (passes, finding) = examine(variant, built, linted)?;
        bar.inc(1);
        Ok((passes, finding, start.elapsed().as_secs_f64()))
    })?;
    bar.finish_and_clear();
    let mut proofs: Vec<_> = exercises.iter().map(|exercise| Proof::new(exercise)).collect();
    for (variant, (passes, finding, seconds)) in variants.iter().zip(results) {
        let id = variant.exercise.id();
        let proof =
            proofs.iter_mut().find(|proof| format!("{}/{}", proof.stage, proof.exercise) == id);
        proof.expect("each exercise has a proof").add(workspace, variant, passes, finding, seconds);
    }
    Ok(proofs)
}

/// A progress bar on standard error; nothing where that is no terminal.
fn progress_bar(what: &'static str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")
        .expect("the template is well formed");
    ProgressBar::new(length as u64).with_style(style).with_message(what)
}

/// Whether a variant's tests pass, and why its claim is not true.
fn examine(
    variant: &Variant<'_>,
    built: &Built,
    linted: &Built,
) -> anyhow::Result<(bool, Option<String>)> {
    if let Err(why) = &variant.text {
        return Ok((false, Some(why.clone())));
    }
    let Some(program) = &built.program else {
        return Ok((false, refused(&variant.claim, built)));
    };
    let failure = first_failure(variant.exercise, program)?;
    let passes = failure.is_none();
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
            } else if !misconceptions(&why).any(|named| named == misconception) {
                Some(format!("{test} catches it, but does not mention {misconception}: {why}"))
            } else {
                None
            }
        }
        (Claim::Wrong { caught: Caught::Refused(code), .. }, _) => {
            Some(format!("rustc accepts it, but should refuse it with {code}"))
        }
    };
    Ok((passes, finding))
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
        if let Some(Failure { why, .. }) = run::test(program, test, LIMIT)? {
            return Ok(Some((test.clone(), why)));
        }
    }
    Ok(None)
}

impl Proof {
    fn new(exercise: &Exercise) -> Self {
        let findings = exercise.sealed_tests().err().map(|why| {
            format!("{why}\nIf you are its author: cargo workshop seal {}", exercise.name)
        });
        Self {
            exercise: exercise.name.clone(),
            stage: exercise.stage.clone(),
            starter: "passes",
            solution: "fails",
            wrong: Vec::new(),
            findings: findings.into_iter().collect(),
            seconds: 0.0,
        }
    }

    fn add(
        &mut self,
        workspace: &Workspace,
        variant: &Variant<'_>,
        passes: bool,
        finding: Option<String>,
        seconds: f64,
    ) {
        let ending = if passes { "passes" } else { "fails" };
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
