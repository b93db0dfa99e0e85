//! The commands about one exercise that judge nothing: hint, solution, reset, seal.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::exercise::{Exercise, restore, seal};
use crate::workspace::Workspace;

/// The hint of this number, counted from 1, and whether there is another.
///
/// # Errors
/// There is no such hint, or hints.md cannot be read.
pub(crate) fn hint(exercise: &Exercise, number: usize) -> anyhow::Result<(String, bool)> {
    let file = exercise.folder.join("hints.md");
    let text = fs::read_to_string(&file)
        .with_context(|| format!("{} cannot be read. {}", file.display(), restore(&file)))?;
    let hints: Vec<_> = text.lines().filter_map(|line| line.split_once(". ")).collect();
    match number.checked_sub(1).and_then(|index| hints.get(index)) {
        Some((_, hint)) => Ok(((*hint).to_owned(), number < hints.len())),
        None => bail!("{} has hints 1 to {}", exercise.name, hints.len()),
    }
}

/// The reference answer.
///
/// # Errors
/// solution.rs cannot be read.
pub(crate) fn solution(exercise: &Exercise) -> anyhow::Result<(PathBuf, String)> {
    let file = exercise.folder.join("solution.rs");
    let text = fs::read_to_string(&file)
        .with_context(|| format!("{} cannot be read. {}", file.display(), restore(&file)))?;
    Ok((file, text))
}

/// Puts the starter in the place of the answer. What was there is kept beside it; its new name
/// is returned. Nothing happens to an answer that is the starter already.
///
/// # Errors
/// A file cannot be read or written.
pub(crate) fn reset(exercise: &Exercise) -> anyhow::Result<Option<PathBuf>> {
    let (answer, starter) = (exercise.answer(), exercise.starter());
    let fresh = fs::read(&starter)
        .with_context(|| format!("{} cannot be read. {}", starter.display(), restore(&starter)))?;
    let mut kept = None;
    if answer.exists() {
        if fs::read(&answer).is_ok_and(|old| old == fresh) {
            return Ok(None);
        }
        let name = (1..)
            .map(|number| exercise.folder.join(format!("exercise.before-reset-{number}.rs")))
            .find(|name| !name.exists())
            .expect("some number is free");
        fs::rename(&answer, &name)
            .with_context(|| format!("keeping your answer as {}", name.display()))?;
        kept = Some(name);
    }
    fs::write(&answer, fresh).with_context(|| format!("{} cannot be written", answer.display()))?;
    Ok(kept)
}

/// Writes the seal of tests.rs into exercise.toml. For authors.
///
/// # Errors
/// A file cannot be read or written.
pub(crate) fn write_seal(workspace: &Workspace, exercise: &Exercise) -> anyhow::Result<String> {
    let seal = seal(&exercise.tests())?;
    let file = exercise.folder.join("exercise.toml");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let mut lines: Vec<_> = text.lines().filter(|line| !line.starts_with("seal")).collect();
    let line = format!("seal = \"{seal}\"");
    lines.push(&line);
    fs::write(&file, lines.join("\n") + "\n")
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(format!("sealed {}", workspace.shown(&exercise.tests())))
}
