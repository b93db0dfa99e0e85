//! How results look: on a terminal, in a pipe, as JSON.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::book;
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

/// Prints on standard output. Whoever reads it may have left, as `head` does: that ends us, without a
/// complaint.
pub(crate) fn print(text: std::fmt::Arguments<'_>) {
    let mut out = anstream::stdout().lock();
    if let Err(error) = out.write_fmt(text).and_then(|()| out.flush()) {
        let left = error.kind() == std::io::ErrorKind::BrokenPipe;
        if !left {
            anstream::eprintln!("standard output cannot be written to: {error}");
        }
        std::process::exit(if left { 0 } else { 3 });
    }
}

/// Prints a line, as [`print()`] does.
macro_rules! say {
    ($($words:tt)*) => { $crate::report::print(format_args!("{}\n", format_args!($($words)*))) };
}
pub(crate) use say;

/// Prints text that brings its own line endings, as [`print()`] does.
macro_rules! say_as_it_is {
    ($($words:tt)*) => { $crate::report::print(format_args!($($words)*)) };
}
pub(crate) use say_as_it_is;

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
    match book::title(&workspace.root, page) {
        Some(title) => format!("{title}\n{:indent$}{place}", ""),
        None => place,
    }
}

/// Text with its prose broken into lines, indented by two.
pub(crate) fn paragraph(text: &str) -> String {
    let line = |line: &str| format!("  {}\n", wrapped(line, width()).replace('\n', "\n  "));
    text.lines().map(line).collect()
}

/// How wide prose may be: 90 columns, or as many as the terminal has.
fn width() -> usize {
    let columns = terminal_size::terminal_size().map_or(usize::MAX, |(width, _)| width.0.into());
    columns.saturating_sub(3).clamp(20, 90)
}

/// Breaks a long line of prose. What is indented or drawn, as rustc's words are, stays as it is.
fn wrapped(line: &str, width: usize) -> String {
    if line.starts_with([' ', '|', '\u{1b}']) || line.chars().count() <= width {
        return line.to_owned();
    }
    let mut text = String::new();
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
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
        assert!(wrapped(long.trim(), 90).lines().all(|line| line.chars().count() <= 90));
        let code = format!("   | {}", "x".repeat(200));
        assert_eq!(wrapped(&code, 90), code);
    }

    #[test]
    fn the_bar_is_full_only_at_the_end() {
        let full = |done, all| {
            anstream::adapter::strip_str(&bar(done, all)).to_string().matches('█').count()
        };
        assert_eq!((full(0, 5), full(4, 5), full(5, 5), full(0, 0)), (0, 16, 20, 0));
    }
}
