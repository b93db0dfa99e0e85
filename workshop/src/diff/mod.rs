//! `cargo workshop diff 01 02`: two stages side by side. A file of the newer one reads like its
//! partner in the older one with the new idea added, so the difference is the idea.

// Which stages, and which of their files.
mod stages;

mod pairs;

// What differs between two files.
mod difference;

// How it looks.
mod shown;

#[cfg(test)]
mod fixture;

use std::path::Path;

use crate::workspace::stage_names;
use pairs::Beside;

/// Two stages side by side, as text: all their files in a table; or, with `file`, how that one
/// differs from its partners.
pub(crate) fn diff(
    root: &Path,
    older: &str,
    newer: &str,
    file: Option<&str>,
) -> anyhow::Result<String> {
    let stages = stage_names(root, "src")?;
    let (older, newer) = stages::two(&stages, older, newer)?;
    let beside = Beside::read(root, &stages, older, newer)?;
    let Some(file) = file else { return shown::table(root, &beside) };
    let partners = beside.partners(file)?.into_iter();
    let shown = partners.map(|pair| shown::unified(root, &beside, pair));
    Ok(shown.collect::<anyhow::Result<Vec<_>>>()?.join("\n"))
}

/// What is wrong with the diff.toml of any stage, a sentence each.
///
/// # Errors
/// A folder cannot be read.
pub fn problems(root: &Path) -> anyhow::Result<Vec<String>> {
    let stages = stage_names(root, "src")?;
    let errors = stages.iter().filter_map(|stage| pairs::declared(root, &stages, stage).err());
    Ok(errors.map(|error| format!("{error:#}")).collect())
}
