//! How results look: on a terminal, in a pipe, as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;

use crate::judge::{State, Verdict};
use crate::terminal::{
    BAD, GOOD, QUIET, STRONG, indented, marked, paragraph, say, styled, widest, width,
};
use crate::title::title;
use crate::verify::Proof;
use crate::workspace::Workspace;
use crate::wrong::Wrong;

/// Prints results as JSON on standard output: one object.
pub(crate) fn json<T: Serialize>(exercises: &[T]) -> anyhow::Result<()> {
    let results = BTreeMap::from([("exercises", exercises)]);
    say!("{}", serde_json::to_string_pretty(&results)?);
    Ok(())
}

/// Stages, how far the learner is in each, and those of their exercises that are wanted.
pub(crate) fn table(
    workspace: &Workspace,
    verdicts: &[Verdict],
    is_wanted: impl Fn(&Verdict) -> bool,
) -> String {
    let stage_width = widest(workspace.stages.iter().map(|stage| stage.name.as_str()));
    let width = widest(verdicts.iter().map(|verdict| verdict.exercise.as_str()));
    let mut text = String::new();
    for stage in &workspace.stages {
        let of_stage = verdicts.iter().filter(|verdict| verdict.stage == stage.name);
        let solved = of_stage.clone().filter(|verdict| verdict.state == State::Solved).count();
        let all = stage.exercises.len();
        let name = styled(STRONG, format!("{:stage_width$}", stage.name));
        let _ = writeln!(text, "{name}  {}  {solved} of {all} solved", bar(solved, all));
        for verdict in of_stage.filter(|verdict| is_wanted(verdict)) {
            let (style, sign, words) = look(&verdict.state);
            let (sign, note) = (styled(style, sign), styled(QUIET, format!("({words})")));
            let title = &verdict.title;
            let _ = writeln!(text, "  {sign} {:width$}  {title} {note}", verdict.exercise);
        }
    }
    text
}

/// Its colour, its sign, and what it is called.
fn look(state: &State) -> (Style, &'static str, &'static str) {
    match state {
        State::Solved => (GOOD, "✓", "solved"),
        State::NotStarted => (QUIET, "·", "not started"),
        State::Fails => (BAD, "✗", "fails"),
        State::DoesNotCompile => (BAD, "✗", "does not compile"),
        State::Tampered => (BAD, "!", "does not count"),
    }
}

/// Twelve columns, which leave room for the rest in a narrow terminal.
fn bar(done: usize, all: usize) -> String {
    let full = (done * 12).checked_div(all).unwrap_or(0);
    format!("{}{}", styled(GOOD, "█".repeat(full)), styled(QUIET, "░".repeat(12 - full)))
}

/// One exercise: how it stands, why, and what to do next.
pub(crate) fn details(workspace: &Workspace, verdict: &Verdict) -> String {
    let text = summary(workspace, verdict) + &reasons(workspace, verdict, None, width());
    match verdict.state {
        State::Solved | State::Tampered => text,
        _ => text + &format!("  stuck? cargo workshop hint {}\n", spoken(workspace, verdict)),
    }
}

/// What a learner calls an exercise.
pub(crate) fn spoken(workspace: &Workspace, verdict: &Verdict) -> String {
    let id = verdict.id();
    workspace.exercise(&id).map(|exercise| workspace.spoken(exercise)).unwrap_or(id)
}

/// An exercise in a line, and the file to edit; or, once it is solved, what shows the mistakes of others.
pub(crate) fn summary(workspace: &Workspace, verdict: &Verdict) -> String {
    let (style, sign, words) = look(&verdict.state);
    let words = verdict.failed_test().unwrap_or(words);
    let style = if verdict.state == State::NotStarted { STRONG } else { style.bold() };
    let mut text = styled(style, format!("{sign} {}  {words}", verdict.exercise));
    if verdict.state == State::Fails {
        let passed = verdict.tests.iter().filter(|test| test.passed).count();
        text += &styled(QUIET, format!(" ({passed} of {} tests pass)", verdict.tests.len()));
    }
    text + &match verdict.state {
        State::Solved => {
            let name = spoken(workspace, verdict);
            format!("\n  what others get wrong: cargo workshop mistakes {name}\n")
        }
        State::Tampered => "\n".to_owned(),
        _ => format!("\n  edit   {}\n", workspace.shown(&verdict.file)),
    }
}

/// Why an exercise is not solved, and what to read. `book` is where the book is served.
pub(crate) fn reasons(
    workspace: &Workspace,
    verdict: &Verdict,
    book: Option<&str>,
    width: usize,
) -> String {
    let mut text = String::new();
    if let Some(diagnosis) = &verdict.diagnosis {
        let _ = write!(text, "\n{}", indented(diagnosis, width));
    }
    if let Some(printed) = &verdict.printed {
        let _ = writeln!(text, "\n  {}", styled(QUIET, "What your code printed:"));
        for line in printed.lines() {
            let _ = writeln!(text, "  {} {line}", styled(QUIET, "│"));
        }
    }
    if !matches!(verdict.state, State::Solved | State::Tampered)
        && let Ok(exercise) = workspace.exercise(&verdict.id())
        && let Ok(spec) = exercise.spec()
    {
        let _ = writeln!(text, "\n  read   {}", page(workspace, &spec.page, book, 9));
    }
    text
}

/// A page to read: its title, and on a line below, indented, where it is in the book. Its source is no
/// place to read it, because the listings are not in there.
pub(crate) fn page(workspace: &Workspace, page: &str, book: Option<&str>, indent: usize) -> String {
    let html = page.replace(".md", ".html");
    let place = match book {
        Some(address) => format!("{address}/{html}"),
        None => format!("in the book that `cargo workshop` serves: {html}"),
    };
    match title(&workspace.root, page) {
        Some(title) => format!("{title}\n{:indent$}{place}", ""),
        None => place,
    }
}

/// The wrong answers of an exercise: the mistake, what its learner believed, and the difference from
/// a right answer.
pub(crate) fn mistakes(wrong: &[Wrong]) -> String {
    let mut text =
        "In each difference, `-` is a line of a right answer, and `+` one of the wrong answer.\n\n"
            .to_owned();
    for wrong in wrong {
        let title = format!("{}  {}", wrong.misconception, wrong.name().replace('_', " "));
        let _ = writeln!(text, "{}", styled(STRONG, title));
        text += &paragraph(&wrong.belief);
        for line in wrong.shown() {
            let _ = writeln!(text, "{}", marked(line));
        }
        text.push('\n');
    }
    text
}

/// What `verify` found, a line for each exercise and then each finding.
pub(crate) fn proofs(proofs: &[Proof]) -> String {
    let mut text = String::new();
    for proof in proofs {
        let sign = if proof.findings.is_empty() { styled(GOOD, "✓") } else { styled(BAD, "✗") };
        let Proof { exercise, wrong, caught, .. } = proof;
        let _ = writeln!(text, "{sign} {exercise}: {caught} of {wrong} wrong answers caught");
        for finding in &proof.findings {
            let _ = writeln!(text, "  {}", finding.replace('\n', "\n  "));
        }
    }
    text
}
