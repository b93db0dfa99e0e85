//! How results look: on a terminal, in a pipe, as JSON.

use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;

use crate::judge::{State, Verdict};
use crate::terminal::{BAD, GOOD, QUIET, STRONG, paragraph, say, styled};
use crate::title::title;
use crate::verify::Proof;
use crate::workspace::Workspace;
use crate::wrong::Wrong;

/// What `--json` prints: one object.
#[derive(Serialize)]
struct Json<'a, T> {
    exercises: &'a [T],
}

/// Prints results as JSON on standard output.
///
/// # Errors
/// Standard output cannot be written to.
pub(crate) fn json<T: Serialize>(exercises: &[T]) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string_pretty(&Json { exercises })?);
    Ok(())
}

/// Stages, their exercises, and how far the learner is; with `only`, the exercises of that stage alone.
pub(crate) fn table(workspace: &Workspace, verdicts: &[Verdict], only: Option<&str>) -> String {
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
        if only.is_some_and(|only| only != stage.name) {
            continue;
        }
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
        State::Tampered => (styled(BAD, "!"), "does not count: see check"),
    }
}

fn bar(done: usize, all: usize) -> String {
    const WIDTH: usize = 20;
    let full = (done * WIDTH).checked_div(all).unwrap_or(0);
    format!("{}{}", styled(GOOD, "█".repeat(full)), styled(QUIET, "░".repeat(WIDTH - full)))
}

/// One exercise: its tests, the diagnosis, and what to do next. `book` is where the book is served.
pub(crate) fn details(workspace: &Workspace, verdict: &Verdict, book: Option<&str>) -> String {
    let name = &verdict.exercise;
    let mut text = String::new();
    let passed = verdict.tests.iter().filter(|test| test.passed).count();
    if passed > 0 {
        let tests = if passed == 1 { "test passes" } else { "tests pass" };
        let _ = writeln!(text, "  {} {passed} {tests}", styled(GOOD, "✓"));
    }
    for test in verdict.tests.iter().filter(|test| !test.passed) {
        let _ = writeln!(text, "  {} {}", styled(BAD, "✗"), test.test);
    }
    if verdict.state == State::Solved {
        let _ = writeln!(text, "{}", styled(GOOD, format!("✓ {name} is solved")));
        if let Ok(exercise) = workspace.exercise(&verdict.id()) {
            let name = workspace.spoken(exercise);
            let _ = writeln!(text, "  what others get wrong: cargo workshop mistakes {name}");
        }
        return text;
    }
    let title = match (&verdict.state, verdict.failed_test()) {
        (State::NotStarted, _) => format!("· {name} is not started"),
        (State::DoesNotCompile, _) => format!("✗ {name} does not compile"),
        (State::Tampered, _) => format!("! {name} does not count"),
        (_, test) => format!("✗ {name}  {}", test.unwrap_or_default()),
    };
    let style = if verdict.state == State::NotStarted { STRONG } else { BAD.bold() };
    let _ = writeln!(text, "\n{}", styled(style, title));
    let _ = write!(text, "{}", paragraph(verdict.diagnosis.as_deref().unwrap_or_default()));
    if let Some(printed) = &verdict.printed {
        let _ = writeln!(text, "\n  {}", styled(QUIET, "What your code printed:"));
        for line in printed.lines() {
            let _ = writeln!(text, "  {} {line}", styled(QUIET, "│"));
        }
    }
    if verdict.state != State::Tampered
        && let Ok(exercise) = workspace.exercise(&verdict.id())
    {
        let _ = writeln!(text, "\n  edit   {}", workspace.shown(&verdict.file));
        if let Ok(spec) = exercise.spec() {
            let _ = writeln!(text, "  read   {}", page(workspace, &spec.page, book, 9));
        }
        let _ = writeln!(text, "  stuck? cargo workshop hint {}", workspace.spoken(exercise));
    }
    text
}

/// A page to read: its title, and on a line below, indented, where it is. That is the served book, if
/// we serve it; else the book that was built; else one that is yet to be served. Its source is no
/// place to read it: the listings are not in there.
pub(crate) fn page(workspace: &Workspace, page: &str, book: Option<&str>, indent: usize) -> String {
    let html = page.replace(".md", ".html");
    let built = workspace.root.join("target/book").join(&html);
    let place = match book {
        Some(address) => format!("{address}/{html}"),
        None if built.is_file() => workspace.shown(&built).to_string(),
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
    let mut text = String::new();
    for wrong in wrong {
        let title = format!("{}  {}", wrong.misconception, wrong.name().replace('_', " "));
        let _ = writeln!(text, "{}", styled(STRONG, title));
        text += &paragraph(&wrong.belief);
        for line in wrong.shown() {
            let style = match line.bytes().next() {
                Some(b'-') if line.starts_with("--- ") => QUIET,
                Some(b'@') => QUIET,
                Some(b'-') => BAD,
                Some(b'+') => GOOD,
                _ => Style::new(),
            };
            let _ = writeln!(text, "{}", styled(style, line));
        }
        text.push('\n');
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
    fn the_bar_is_full_only_at_the_end() {
        let full = |done, all| {
            anstream::adapter::strip_str(&bar(done, all)).to_string().matches('█').count()
        };
        assert_eq!((full(0, 5), full(4, 5), full(5, 5), full(0, 0)), (0, 16, 20, 0));
    }
}
