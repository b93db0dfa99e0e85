//! Which file of the older stage stands beside which of the newer one: those that the newer one's
//! diff.toml declares, and those of one name.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use super::{code, find};
use crate::exercise::read;
use crate::workspace::files;

/// A file of an older stage and what became of it, each from the folder of its stage.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair {
    /// The older stage.
    from: String,
    /// None: the newer one is new.
    pub(super) old: Option<String>,
    /// None: the older one is gone.
    pub(super) new: Option<String>,
    /// What becomes of the older one, in a sentence; nothing, where that is not declared.
    pub(super) says: String,
}

/// A diff.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pair: Vec<Pair>,
}

impl Pair {
    pub(super) fn old_name(&self) -> &str {
        self.old.as_deref().unwrap_or("(new)")
    }

    pub(super) fn new_name(&self) -> &str {
        self.new.as_deref().unwrap_or("(gone)")
    }

    /// Whether one of them is called so: by its name, with or without folders and `.rs`.
    pub(super) fn has(&self, older: &str, newer: &str, spoken: &str) -> bool {
        let spoken = Path::new(spoken).with_extension("");
        [Path::new(older).join(self.old_name()), Path::new(newer).join(self.new_name())]
            .iter()
            .any(|file| file.with_extension("").ends_with(&spoken))
    }
}

/// The pairs that a stage declares, in the order of its file. A stage without the file declares none.
pub(super) fn declared(root: &Path, stages: &[String], stage: &str) -> anyhow::Result<Vec<Pair>> {
    let file = root.join(stage).join("diff.toml");
    if !file.exists() {
        return Ok(Vec::new());
    }
    let name = || format!("{stage}/diff.toml");
    let File { mut pair } = toml::from_str(&read(&file)?).with_context(name)?;
    for pair in &mut pair {
        pair.from = find(stages, &pair.from).with_context(name)?.to_owned();
        code(root, &pair.from, pair.old.as_ref()).with_context(name)?;
        code(root, stage, pair.new.as_ref()).with_context(name)?;
    }
    Ok(pair)
}

/// The pairs of two stages: those that the newer one declares; then files of one name, those that are
/// gone, and those that are new. A file may be in several.
pub(super) fn between(
    root: &Path,
    stages: &[String],
    older: &str,
    newer: &str,
) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = declared(root, stages, newer)?;
    pairs.retain(|pair| pair.from == older);
    let (of_older, of_newer) = (sources(root, older)?, sources(root, newer)?);
    let some = |file: &String| Some(file.clone());
    let (stay, gone): (Vec<_>, Vec<_>) = of_older.iter().partition(|file| of_newer.contains(file));
    let stay = stay.into_iter().map(|file| (some(file), some(file)));
    let gone = gone.into_iter().map(|file| (some(file), None));
    let come = of_newer.iter().filter(|file| !of_older.contains(file));
    for (old, new) in stay.chain(gone).chain(come.map(|file| (None, some(file)))) {
        let is_this =
            |pair: &Pair| (old.is_none() || pair.old == old) && (new.is_none() || pair.new == new);
        if !pairs.iter().any(is_this) {
            pairs.push(Pair { from: older.to_owned(), old, new, says: String::new() });
        }
    }
    Ok(pairs)
}

/// A stage's code: the Rust files below its `src`, from its folder, with slashes, in order.
fn sources(root: &Path, stage: &str) -> anyhow::Result<Vec<String>> {
    let files = files(&root.join(stage).join("src"), "rs")?.into_iter();
    let name = |file: PathBuf| format!("src/{}", file.display()).replace('\\', "/");
    Ok(files.map(name).collect())
}
