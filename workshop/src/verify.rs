//! Are the exercises right? Starters fail, right answers pass, and each wrong answer is caught by
//! the test that it names.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::ensure;

use crate::cargo::Built;
use crate::exercise::Exercise;
use crate::judge::in_parallel;
use crate::own_target::say_waiting;
use crate::package::Package;
use crate::run::{self, Failure};
use crate::terminal::spinner;
use crate::variant::{Claim, Variant};
use crate::workspace::Workspace;
use crate::wrong::{Caught, misconceptions};

/// What was found out about one exercise.
pub(crate) struct Proof {
    /// Its stage and name.
    pub(crate) exercise: String,
    /// How many wrong answers it has.
    pub(crate) wrong: usize,
    /// How many of them are caught as they claim.
    pub(crate) caught: usize,
    /// What is not as it must be, a sentence each.
    pub(crate) findings: Vec<String>,
}

/// How long a test may run. Only a test that nothing else ends comes near it: the instruments give up
/// after a minute, and slowness of the machine proves nothing.
const LIMIT: Duration = Duration::from_secs(120);

/// Proves the exercises.
pub(crate) fn verify(workspace: &Workspace, exercises: &[&Exercise]) -> anyhow::Result<Vec<Proof>> {
    let mut variants = Vec::new();
    for exercise in exercises {
        variants.extend(Variant::all(exercise)?);
    }
    let targets: Vec<_> = variants.iter().map(Variant::target).collect::<Result<_, _>>()?;
    let package = Package::write(workspace, &targets.iter().collect::<Vec<_>>(), &say_waiting)?;
    let spinner = spinner("building");
    let mut built = package.cargo(&["build", "--tests"], false)?;
    let mut clippy = vec!["clippy"];
    for (variant, target) in variants.iter().zip(&targets) {
        if variant.claim == Claim::Passes {
            clippy.extend(["--test", &target.name]);
        }
    }
    spinner.set_message("clippy on the solutions");
    let mut linted = package.cargo(&clippy, false)?;

    spinner.set_message("running");
    let take = |(variant, target)| {
        (variant, package.take(&mut built, target), package.take(&mut linted, target))
    };
    let jobs: Vec<_> = variants.iter().zip(&targets).map(take).collect();
    let is_built = |built: &Built| built.program.is_some() || !built.errors.is_empty();
    ensure!(
        jobs.iter().all(|(_, built, _)| is_built(built)),
        "a package that the exercises depend on does not compile:\n{}",
        built.other_errors()
    );
    // More than there are processors: many tests wait for a hang to be noticed.
    let findings =
        in_parallel(&jobs, 8, |(variant, built, linted)| finding(variant, built, linted))?;
    spinner.finish_and_clear();
    let mut proofs = Vec::new();
    for exercise in exercises {
        let mut proof =
            Proof { exercise: exercise.id(), wrong: 0, caught: 0, findings: Vec::new() };
        if let Err(why) = exercise.sealed_tests() {
            let author = format!("If you are its author: cargo workshop seal {}", exercise.name);
            proof.findings.push(format!("{why}\n{author}"));
        }
        let all = variants.iter().zip(&findings);
        for (variant, finding) in all.filter(|(of, _)| of.exercise.id() == exercise.id()) {
            if matches!(variant.claim, Claim::Wrong { .. }) {
                proof.wrong += 1;
                proof.caught += usize::from(finding.is_none());
            }
            if let Some(why) = finding {
                proof.findings.push(format!("{}: {why}", workspace.shown(&variant.file)));
            }
        }
        proofs.push(proof);
    }
    Ok(proofs)
}

/// Why a variant's claim is not true; nothing, if it is.
fn finding(variant: &Variant<'_>, built: &Built, linted: &Built) -> anyhow::Result<Option<String>> {
    if let Err(why) = &variant.text {
        return Ok(Some(why.clone()));
    }
    if let (Claim::Passes, Some(program)) = (&variant.claim, &built.program)
        && run::list(program)? != BTreeSet::from_iter(variant.exercise.spec()?.tests.clone())
    {
        return Ok(Some("exercise.toml names other tests than tests.rs has".to_owned()));
    }
    Ok(match (&variant.claim, caught(variant, built)?) {
        (Claim::Fails, None) => Some("it passes all tests: nothing is left to solve".to_owned()),
        (Claim::Fails, Some((Caught::Refused(_), why))) => {
            Some(format!("it does not compile:\n{why}"))
        }
        (Claim::Passes | Claim::PassesToo, Some((by, why))) => {
            Some(format!("it is right, but {by}: {why}"))
        }
        (Claim::PassesToo, None) => None,
        (Claim::Fails, Some(_)) | (Claim::Passes, None) => {
            let mut warnings = built.warnings.iter().chain(&linted.warnings).chain(&linted.errors);
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
    })
}

/// What catches a variant, and with which words: the first declared test that fails, or rustc.
fn caught(variant: &Variant<'_>, built: &Built) -> anyhow::Result<Option<(Caught, String)>> {
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
