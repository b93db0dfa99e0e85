//! The commands about one exercise that judge nothing: hint, reset, seal.

use std::fs;

use anyhow::{Context, ensure};

use crate::exercise::{Exercise, read, restore, seal, shipped};
use crate::terminal::{QUIET, paragraph, say, say_as_it_is, styled};
use crate::workspace::Workspace;

/// The hints of an exercise, from a nudge to nearly all.
pub(crate) fn hints(exercise: &Exercise) -> anyhow::Result<Vec<String>> {
    let file = exercise.folder.join("hints.md");
    let text = shipped(&file)?;
    // Each begins with its number.
    let is_number = |(number, _): &(&str, &str)| number.parse::<u32>().is_ok();
    let hints = text.lines().filter_map(|line| line.split_once(". ").filter(is_number));
    let hints: Vec<_> = hints.map(|(_, hint)| hint.to_owned()).collect();
    ensure!(!hints.is_empty(), "{} holds no hint. {}", file.display(), restore(&file));
    Ok(hints)
}

/// Shows the hint of this number, counted from 1, and how to get the next.
pub(crate) fn hint(
    workspace: &Workspace,
    exercise: &Exercise,
    number: usize,
) -> anyhow::Result<()> {
    let (name, hints) = (workspace.spoken(exercise), hints(exercise)?);
    ensure!((1..=hints.len()).contains(&number), "{name} has hints 1 to {}", hints.len());
    say_as_it_is!("{}", paragraph(&hints[number - 1]));
    if number < hints.len() {
        let next = format!("Another one: cargo workshop hint {name} {}", number + 1);
        say!("{}", styled(QUIET, next));
    }
    Ok(())
}

/// Replaces the answer by the starter, keeps the answer in a file next to it, and returns a sentence that
/// says so. Nothing happens to an answer that is the starter already.
pub(crate) fn reset(workspace: &Workspace, exercise: &Exercise) -> anyhow::Result<String> {
    let name = workspace.spoken(exercise);
    let answer = exercise.answer();
    let fresh = shipped(&exercise.starter())?;
    let mut kept = String::new();
    if answer.exists() {
        if fs::read_to_string(&answer).is_ok_and(|old| old == fresh) {
            return Ok(format!("{name} is the starter already."));
        }
        let copy = (1..)
            .map(|number| exercise.folder.join(format!("exercise.before-reset-{number}.rs")))
            .find(|copy| !copy.exists())
            .expect("some number is free");
        // A copy first: whatever fails after it, the answer is there twice.
        fs::copy(&answer, &copy).with_context(|| {
            format!("your answer cannot be kept as {}, so nothing was changed", copy.display())
        })?;
        kept = format!(" Your answer is kept in {}", workspace.shown(&copy));
    }
    fs::write(&answer, fresh)
        .with_context(|| format!("{} cannot be written.{kept}", answer.display()))?;
    Ok(format!("{name} is the starter again.{kept}"))
}

/// Writes the seal of tests.rs into exercise.toml. For authors.
pub(crate) fn write_seal(workspace: &Workspace, exercise: &Exercise) -> anyhow::Result<String> {
    let seal = seal(&read(&exercise.tests())?);
    let file = exercise.folder.join("exercise.toml");
    let text = read(&file)?;
    let mut lines: Vec<_> = text.lines().filter(|line| !line.starts_with("seal")).collect();
    let line = format!("seal = \"{seal}\"");
    lines.push(&line);
    fs::write(&file, lines.join("\n") + "\n")
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(format!("sealed {}", workspace.shown(&exercise.tests())))
}
