//! Two files, and which there are in a stage.

use std::path::Path;

use anyhow::Context;

/// Two files, each from the folder of its stage.
#[derive(Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) old: String,
    pub(super) new: String,
    /// What becomes of the older one, in a sentence.
    pub(super) says: Option<String>,
}

/// A stage's code: the Rust files below its `src`, from its folder, with slashes, in order.
///
/// # Errors
/// A folder cannot be read.
pub(super) fn sources(root: &Path, stage: &str) -> anyhow::Result<Vec<String>> {
    below("src", root, stage)
}

/// What a pair may name besides: the stage's programs, below its `examples`, of which there may be none.
///
/// # Errors
/// A folder cannot be read.
pub(super) fn examples(root: &Path, stage: &str) -> anyhow::Result<Vec<String>> {
    let has_some = root.join(stage).join("examples").is_dir();
    if has_some { below("examples", root, stage) } else { Ok(Vec::new()) }
}

fn below(folder: &str, root: &Path, stage: &str) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let path = root.join(stage).join(&folder);
        for entry in path.read_dir().with_context(|| format!("reading {}", path.display()))? {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push(name);
            } else if name.ends_with(".rs") {
                files.push(name);
            }
        }
    }
    files.sort();
    Ok(files)
}
