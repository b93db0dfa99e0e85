//! Are the exercises right? Starters fail, right answers pass, and each wrong answer is caught by
//! the test that it names.

use std::time::Duration;

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
}

/// Proves the exercises, and shows on standard error how far it is.
pub(crate) fn verify(workspace: &Workspace, exercises: &[&Exercise]) -> anyhow::Result<Vec<Proof>> {
    let mut variants = Vec::new();
    for exercise in exercises {
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
    let results = in_parallel(&jobs, |(variant, built, linted)| {
        let examined = examine(variant, built, linted);
        bar.inc(1);
        examined
    })?;
    bar.finish_and_clear();
    let mut proofs: Vec<_> = exercises.iter().map(|exercise| Proof::new(exercise)).collect();
    for (variant, (passes, finding)) in variants.iter().zip(results) {
        let proof = exercises.iter().position(|exercise| exercise.id() == variant.exercise.id());
        let proof = &mut proofs[proof.expect("each variant is one of an exercise")];
        proof.add(workspace, variant, passes, finding);
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
    let outcome = outcome(variant, built)?;
    let passes = outcome.is_none();
    let finding = match (&variant.claim, outcome) {
        (Claim::Fails, None) => Some("it passes all tests: nothing is left to solve".to_owned()),
        (Claim::Fails, Some((Caught::Refused(_), why))) => {
            Some(format!("it does not compile:\n{why}"))
        }
        (Claim::Passes | Claim::PassesToo, Some((by, why))) => {
            Some(format!("it is right, but {by}: {why}"))
        }
        (Claim::PassesToo, None) => None,
        (Claim::Fails, Some(_)) | (Claim::Passes, None) => {
            let mut warnings = built.warnings.iter().chain(&linted.warnings);
            let first = warnings.next().map(|warning| warning.rendered.trim());
            first.map(|warning| format!("it does not compile without a warning:\n{warning}"))
        }
        (Claim::Wrong { caught, .. }, None) => Some(format!(
            "it claims that it {caught}, but passes all tests: they let a wrong answer pass"
        )),
        (Claim::Wrong { caught, .. }, Some((by, why))) if by != *caught => {
            Some(format!("it claims that it {caught}, but it {by}: {why}"))
        }
        (Claim::Wrong { misconception, .. }, Some((Caught::By(test), why))) => {
            let named = misconceptions(&why).any(|named| named == misconception);
            (!named)
                .then(|| format!("{test} catches it, but does not mention {misconception}: {why}"))
        }
        // rustc knows no misconceptions.
        (Claim::Wrong { .. }, Some((Caught::Refused(_), _))) => None,
    };
    Ok((passes, finding))
}

/// What catches a variant, and with which words: the first declared test that fails, or rustc.
fn outcome(variant: &Variant<'_>, built: &Built) -> anyhow::Result<Option<(Caught, String)>> {
    let Some(program) = &built.program else {
        let words = built.errors.iter().map(|error| error.rendered.as_str()).collect();
        let code = built.errors.iter().find_map(|error| error.code.clone());
        return Ok(Some((Caught::Refused(code.unwrap_or_else(|| "no code".to_owned())), words)));
    };
    for test in &variant.exercise.spec()?.tests {
        if let Some(Failure { why, .. }) = run::test(program, test, LIMIT)? {
            return Ok(Some((Caught::By(test.clone()), why)));
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
        }
    }

    fn add(
        &mut self,
        workspace: &Workspace,
        variant: &Variant<'_>,
        passes: bool,
        finding: Option<String>,
    ) {
        let ending = if passes { "passes" } else { "fails" };
        match &variant.claim {
            Claim::Fails => self.starter = ending,
            Claim::Passes => self.solution = ending,
            Claim::PassesToo => {}
            Claim::Wrong { misconception, caught } => self.wrong.push(WrongAnswer {
                file: variant.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                misconception: misconception.clone(),
                test: caught.name().to_owned(),
                caught: finding.is_none(),
            }),
        }
        if let Some(finding) = finding {
            self.findings.push(format!("{}: {finding}", workspace.shown(&variant.file)));
        }
    }
}
