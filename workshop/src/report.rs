//! How results look: on a terminal, in a pipe, as JSON.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::judge::{State, Verdict};
use crate::verify::Proof;
use crate::workspace::Workspace;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const QUIET: Style = Style::new().dimmed();
pub(crate) const STRONG: Style = Style::new().bold();

/// A word or a sign in a style. The colours are taken out again where the output is no
/// terminal.
pub(crate) fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// What `--json` prints: one object.
#[derive(Serialize)]
pub(crate) struct Json<'a, T> {
    pub(crate) exercises: &'a [T],
}

/// Prints results as JSON on standard output.
///
/// # Errors
/// Standard output cannot be written to.
pub(crate) fn json<T: Serialize>(exercises: &[T]) -> anyhow::Result<()> {
    anstream::println!("{}", serde_json::to_string_pretty(&Json { exercises })?);
    Ok(())
}

/// Stages, exercises, and how far the learner is.
pub(crate) fn table(workspace: &Workspace, verdicts: &[Verdict]) -> String {
    let width = verdicts.iter().map(|v| v.exercise.len()).max().unwrap_or(0);
    let mut text = String::new();
    for stage in &workspace.stages {
        let of_stage: Vec<_> = verdicts.iter().filter(|v| v.stage == stage.name).collect();
        let solved = of_stage.iter().filter(|v| v.state == State::Solved).count();
        let _ = writeln!(
            text,
            "{}  {}  {solved} of {} solved",
            styled(STRONG, &stage.name),
            bar(solved, of_stage.len()),
            of_stage.len()
        );
        for verdict in of_stage {
            let (sign, word) = sign(&verdict.state);
            let note =
                if word.is_empty() { String::new() } else { styled(QUIET, format!(" ({word})")) };
            let _ = writeln!(text, "  {sign} {:width$}  {}{note}", verdict.exercise, verdict.title);
        }
    }
    text
}

fn sign(state: &State) -> (String, &'static str) {
    match state {
        State::Solved => (styled(GOOD, "✓"), ""),
        State::NotStarted => (styled(QUIET, "·"), "not started"),
        State::Fails => (styled(BAD, "✗"), ""),
        State::DoesNotCompile => (styled(BAD, "✗"), "does not compile"),
        State::Tampered => (styled(BAD, "!"), "not counted: its tests were changed"),
    }
}

fn bar(done: usize, all: usize) -> String {
    const WIDTH: usize = 20;
    let full = (done * WIDTH).checked_div(all).unwrap_or(0);
    format!("{}{}", styled(GOOD, "█".repeat(full)), styled(QUIET, "░".repeat(WIDTH - full)))
}

/// One exercise: its tests, the diagnosis, and what to do next.
pub(crate) fn details(workspace: &Workspace, verdict: &Verdict) -> String {
    let name = &verdict.exercise;
    let mut text = String::new();
    for test in &verdict.tests {
        let sign = if test.passed { styled(GOOD, "✓") } else { styled(BAD, "✗") };
        let _ = writeln!(text, "  {sign} {}", test.test);
    }
    if verdict.state == State::Solved {
        let _ = writeln!(text, "{}", styled(GOOD, format!("✓ {name} is solved")));
        return text;
    }
    let title = match (&verdict.state, verdict.failed_test()) {
        (State::NotStarted, _) => format!("· {name} is not started"),
        (State::DoesNotCompile, _) => format!("✗ {name} does not compile"),
        (State::Tampered, _) => format!("! {name} does not count"),
        (_, test) => format!("✗ {name}  {}", test.unwrap_or_default()),
    };
    let _ = writeln!(text, "\n{}", styled(BAD.bold(), title));
    for line in verdict.diagnosis.as_deref().unwrap_or_default().lines() {
        let _ = writeln!(text, "  {}", wrapped(line).replace('\n', "\n  "));
    }
    if verdict.state != State::Tampered
        && let Ok(exercise) = workspace.exercise(name)
    {
        let file = workspace.shown(&exercise.folder).to_string();
        let _ = writeln!(text, "\n  edit  {file}/exercise.rs");
        if let Ok(spec) = exercise.spec() {
            let _ = writeln!(text, "  read  book: {}", spec.page);
        }
        let _ = writeln!(text, "  stuck? cargo workshop hint {name}");
    }
    text
}

/// Breaks a long line of prose at 90 columns. What is indented or drawn, as rustc's words are,
/// stays as it is.
fn wrapped(line: &str) -> String {
    const WIDTH: usize = 90;
    if line.starts_with([' ', '|', '\u{1b}']) || line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let mut text = String::new();
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text += word;
        column += length;
    }
    text
}

/// What `verify` found, a line for each exercise and then each finding.
pub(crate) fn proofs(proofs: &[Proof]) -> String {
    let mut text = String::new();
    for proof in proofs {
        let caught = proof.wrong.iter().filter(|wrong| wrong.caught).count();
        let sign = if proof.findings.is_empty() { styled(GOOD, "✓") } else { styled(BAD, "✗") };
        let _ = writeln!(
            text,
            "{sign} {}/{}: starter {}, solution {}, {caught} of {} wrong answers caught",
            proof.stage,
            proof.exercise,
            proof.starter,
            proof.solution,
            proof.wrong.len()
        );
        for finding in &proof.findings {
            let _ = writeln!(text, "  {}", finding.replace('\n', "\n  "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_broken_between_words_and_code_is_not() {
        let long = "word ".repeat(40);
        assert!(wrapped(long.trim()).lines().all(|line| line.chars().count() <= 90));
        let code = format!("   | {}", "x".repeat(200));
        assert_eq!(wrapped(&code), code);
    }

    #[test]
    fn the_bar_is_full_only_at_the_end() {
        let full = |done, all| {
            anstream::adapter::strip_str(&bar(done, all)).to_string().matches('█').count()
        };
        assert_eq!((full(0, 5), full(4, 5), full(5, 5), full(0, 0)), (0, 16, 20, 0));
    }
}
