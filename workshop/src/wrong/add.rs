//! `wrong add`: of a broken exercise.rs becomes a wrong answer in the repository.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use diffy::DiffOptions;

use super::{files, misconceptions};
use crate::exercise::{Exercise, read};
use crate::judge::{State, Verdict};

/// Writes `wrong/NAME.diff` of the answer that was judged, and puts the starter back. Returns the
/// file, and its first line.
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
    ensure!(name.chars().all(is_name), "a name is made of a to z, 0 to 9 and `_`, unlike `{name}`");
    let (claim, belief) = claim(verdict, because)?;
    ensure!(belief.trim().lines().count() == 1, "what this learner believed is one line");
    let answer = read(&exercise.answer())?;
    let mut right = vec![exercise.folder.join("solution.rs")];
    right.extend(files(&exercise.folder.join("right"), "rs")?);
    let mut differences = Vec::new();
    for file in right {
        let base = file.strip_prefix(&exercise.folder)?;
        differences.push(difference(base, &read(&file)?, &answer));
    }
    let shortest = differences.into_iter().min_by_key(|text| text.lines().count());
    let text = format!("{claim}\n{belief}\n\n{}", shortest.context("no right answer")?);
    let folder = exercise.folder.join("wrong");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{name}.diff"));
    // One that is there already stays.
    File::create_new(&file)
        .and_then(|mut new| new.write_all(text.as_bytes()))
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
        (State::DoesNotCompile, _) => {
            // rustc knows no misconceptions.
            let named =
                because.split_once(": ").filter(|(number, _)| misconceptions(number).eq([*number]));
            let (number, belief) = named.context(
                "rustc refuses this answer. Say which mistake it is: --because \"M12: …\"",
            )?;
            let code = why.split_once("error[").and_then(|(_, rest)| rest.split_once(']'));
            let (code, _) = code.with_context(|| format!("rustc gives no code:\n{why}"))?;
            Ok((format!("{number} · compile-fail: {code}"), belief))
        }
        (State::Solved, _) => bail!(
            "all tests pass. If this answer is right, put it into right/; if it is wrong, the \
             tests need another case"
        ),
        _ => bail!("exercise.rs cannot be judged. {why}"),
    }
}

/// What an answer changes in a right one. The head, where a starter gives the task, is no part of an
/// answer: that of the right one stays.
fn difference(base: &Path, right: &str, answer: &str) -> String {
    let changed = [&right[..head(right)], &answer[head(answer)..]].concat();
    let base = base.to_string_lossy().replace('\\', "/");
    DiffOptions::new()
        .set_context_len(1)
        .set_original_filename(base.clone())
        .set_modified_filename(base)
        .create_patch(right, &changed)
        .to_string()
}

/// Where the first line begins that is code.
fn head(text: &str) -> usize {
    let is_head = |line: &&str| {
        line.trim().is_empty() || line.starts_with("//!") || line.starts_with("#![allow(")
    };
    text.split_inclusive('\n').take_while(is_head).map(str::len).sum()
}
