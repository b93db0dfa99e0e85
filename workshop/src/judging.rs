//! The commands that judge. Each returns whether what it was asked about is as it should be.

use anyhow::Context;

use crate::exercise::Exercise;
use crate::judge::{self, State, Verdict};
use crate::own_target::say_waiting;
use crate::terminal::{GOOD, STRONG, colour, say, say_as_it_is, spinner, styled};
use crate::verify::verify;
use crate::workspace::Workspace;
use crate::{report, wrong};

/// Shows all exercises and their state.
pub(crate) fn list(workspace: &Workspace, json: bool) -> anyhow::Result<bool> {
    let verdicts = judge(workspace, &named(workspace, None)?, false, false)?;
    match json {
        true => report::json(&verdicts)?,
        false => say_as_it_is!("{}", all(workspace, &verdicts)),
    }
    Ok(true)
}

/// Shows the first exercise that is not solved.
pub(crate) fn next(workspace: &Workspace) -> anyhow::Result<bool> {
    let verdicts = judge(workspace, &named(workspace, None)?, false, false)?;
    let Some(next) = judge::next(&verdicts) else {
        say!("{}", styled(GOOD, "All exercises are solved."));
        return Ok(true);
    };
    let exercise = workspace.exercise(&next.id())?;
    let name = workspace.spoken(exercise);
    say!("{}  {}", styled(STRONG, &name), next.title);
    if let Ok(spec) = exercise.spec() {
        let kind = if spec.core { "later stages build on it" } else { "extra" };
        say!("  about {} minutes; {kind}", spec.minutes);
        say!("  read  {}", report::page(workspace, &spec.page, None, 8));
    }
    say!("  edit  {}", workspace.shown(&exercise.answer()));
    say!("  then  cargo workshop check {name}");
    Ok(true)
}

/// Judges an exercise, or all that were begun, and returns whether these are solved.
pub(crate) fn check(
    workspace: &Workspace,
    name: Option<String>,
    json: bool,
) -> anyhow::Result<bool> {
    let exercises = named(workspace, name.as_deref())?;
    let verdicts = judge(workspace, &exercises, name.is_some(), !json && colour())?;
    if json {
        report::json(&verdicts)?;
    } else if name.is_some() {
        verdicts.iter().for_each(|it| say_as_it_is!("{}", report::details(workspace, it)));
    } else {
        say_as_it_is!("{}", all(workspace, &verdicts));
        let next = "`cargo workshop next` shows what comes next.";
        if let Some(verdict) = verdicts.iter().find(|verdict| verdict.is_wrong()) {
            say_as_it_is!("\n{}", report::details(workspace, verdict));
        } else if verdicts.iter().any(|verdict| verdict.state == State::Solved) {
            say!("\nAll that you have begun is solved. {next}");
        } else {
            say!("\nYou have not begun any exercise yet. {next}");
        }
    }
    Ok(!verdicts.iter().any(Verdict::is_wrong))
}

/// Shows the wrong answers of an exercise, once it is solved.
pub(crate) fn mistakes(workspace: &Workspace, name: &str) -> anyhow::Result<bool> {
    let exercise = workspace.exercise(name)?;
    if judge_one(workspace, exercise)?.state != State::Solved {
        say!("Solve it first: cargo workshop check {name}");
        return Ok(false);
    }
    say_as_it_is!("{}", report::mistakes(&wrong::all(exercise)?));
    Ok(true)
}

/// Returns whether an exercise, or all, are as they claim.
pub(crate) fn prove(workspace: &Workspace, name: Option<String>) -> anyhow::Result<bool> {
    let proofs = verify(workspace, &named(workspace, name.as_deref())?)?;
    let proven = proofs.iter().all(|proof| proof.findings.is_empty());
    say_as_it_is!("{}", report::proofs(&proofs));
    let wrong: usize = proofs.iter().map(|proof| proof.wrong).sum();
    let plural = if proofs.len() == 1 { "" } else { "s" };
    let summary = format!("{} exercise{plural}, {wrong} wrong answers", proofs.len());
    say!("{summary}: {}", if proven { "all as they claim" } else { "not as they claim" });
    Ok(proven)
}

/// The exercise of this name, or all.
fn named<'a>(workspace: &'a Workspace, name: Option<&str>) -> anyhow::Result<Vec<&'a Exercise>> {
    match name {
        Some(name) => Ok(vec![workspace.exercise(name)?]),
        None => Ok(workspace.exercises().collect()),
    }
}

/// The verdict on an exercise.
pub(crate) fn judge_one(workspace: &Workspace, exercise: &Exercise) -> anyhow::Result<Verdict> {
    let mut verdicts = judge(workspace, &[exercise], false, false)?;
    verdicts.pop().context("one exercise has one verdict")
}

/// Judges, and shows on standard error that it does.
fn judge(
    workspace: &Workspace,
    exercises: &[&Exercise],
    even_untouched: bool,
    colour: bool,
) -> anyhow::Result<Vec<Verdict>> {
    let spinner = spinner("building and running");
    let waiting = |waits| spinner.suspend(|| say_waiting(waits));
    let verdicts = judge::judge(workspace, exercises, even_untouched, colour, &waiting);
    spinner.finish_and_clear();
    verdicts
}

/// The table of all exercises.
fn all(workspace: &Workspace, verdicts: &[Verdict]) -> String {
    report::table(workspace, verdicts, |_| true)
}
