//! `wrong add`: of a broken exercise.rs becomes a wrong answer in the repository.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use diffy::DiffOptions;
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::{files, misconceptions};
use crate::exercise::Exercise;
use crate::judge::{State, Verdict};

/// Writes `wrong/NAME.diff` of the answer that was judged, and puts the starter back. Returns the
/// file, and its head.
///
/// # Errors
/// No sentence of the project catches this answer, or a file cannot be written.
pub(crate) fn add(
    exercise: &Exercise,
    verdict: &Verdict,
    name: &str,
    because: &str,
) -> anyhow::Result<(PathBuf, String)> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    ensure!(
        name.chars().all(is_name),
        "a name consists of lower case letters, digits and `_`; `{name}` does not"
    );
    ensure!(because.lines().count() == 1, "what this learner believed is one line");
    let file = exercise.folder.join(format!("wrong/{name}.diff"));
    ensure!(!file.exists(), "{} exists already: choose another name", file.display());
    let (claim, belief) = claim(verdict, because)?;
    let answer = fs::read_to_string(exercise.answer())?;
    let mut bases = vec![exercise.folder.join("solution.rs")];
    bases.extend(files(&exercise.folder.join("right"), "rs")?);
    let mut differences = Vec::new();
    for base in bases {
        let text = fs::read_to_string(&base).with_context(|| base.display().to_string())?;
        let base = base.strip_prefix(&exercise.folder).unwrap_or(&base);
        differences.push(difference(base, &text, &answer));
    }
    let (_, difference) =
        differences.into_iter().min_by_key(|(lines, _)| *lines).context("no right answer")?;
    fs::create_dir_all(exercise.folder.join("wrong"))?;
    fs::write(&file, format!("{claim}\n{belief}\n\n{difference}"))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    fs::copy(exercise.starter(), exercise.answer()).context("putting the starter back")?;
    Ok((file, claim))
}

/// The first line of a wrong answer's head, of what a verdict says; and the second.
fn claim<'a>(verdict: &Verdict, because: &'a str) -> anyhow::Result<(String, &'a str)> {
    let why = verdict.diagnosis.as_deref().unwrap_or_default();
    match (&verdict.state, verdict.failed_test()) {
        (State::Fails, Some(test)) => match misconceptions(why).next() {
            Some(number) => Ok((format!("{number} · fails: {test}"), because)),
            None => bail!("{test} catches this answer, but names no misconception: {why}"),
        },
        // rustc knows no misconceptions.
        (State::DoesNotCompile, _) => {
            let code = why.split_once("error[").and_then(|(_, rest)| rest.split_once(']'));
            let (code, _) = code.with_context(|| format!("rustc gives no code:\n{why}"))?;
            let (number, belief) = because
                .split_once(": ")
                .filter(|(number, _)| misconceptions(number).eq([*number]))
                .context(
                    "rustc refuses this answer. Say which mistake it is: --because \"M12: …\"",
                )?;
            Ok((format!("{number} · compile-fail: {code}"), belief))
        }
        (State::Solved, _) => bail!(
            "all tests pass. If this answer is right, put it into right/; if it is wrong, the \
             tests need another case"
        ),
        _ => bail!("exercise.rs cannot be judged. {why}"),
    }
}

/// How many lines an answer changes in a right one, and the difference. The head, where a starter
/// gives the task, and the book's marks are no part of an answer: those of the right one stay.
fn difference(base: &Path, right: &str, answer: &str) -> (usize, String) {
    let old: Vec<_> = right.lines().collect();
    let new: Vec<_> = answer.lines().collect();
    let (old_head, new_head) = (head(&old), head(&new));
    let mut changed = old[..old_head].to_vec();
    let (old, new) = (&old[old_head..], &new[new_head..]);
    for step in capture_diff_slices(Algorithm::Patience, old, new) {
        let (tag, old_lines, new_lines) = step.as_tag_tuple();
        let marks = |mark: &str| {
            let gone = if tag == DiffTag::Equal { &[] } else { &old[old_lines.clone()] };
            gone.iter().copied().filter(|line| line.trim_start().starts_with(mark)).collect()
        };
        let (begin, end): (Vec<_>, Vec<_>) = (marks("// ANCHOR: "), marks("// ANCHOR_END: "));
        changed.extend(begin.into_iter().chain(new[new_lines].iter().copied()).chain(end));
    }
    let changed = changed.join("\n") + "\n";
    let base = base.to_string_lossy().replace('\\', "/");
    let patch = DiffOptions::new()
        .set_context_len(1)
        .set_original_filename(base.clone())
        .set_modified_filename(base)
        .create_patch(right, &changed)
        .to_string();
    let lines = patch.lines().filter(|line| line.starts_with(['+', '-'])).count();
    (lines, patch)
}

/// How many lines come before the first that is code.
fn head(lines: &[&str]) -> usize {
    let is_head =
        |line: &&&str| line.is_empty() || line.starts_with("//!") || line.starts_with("#![allow(");
    lines.iter().take_while(is_head).count()
}
