//! Where we are: the workspace, its stages, and the exercises that their manifests name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::exercise::Exercise;
use crate::nearest::did_you_mean;

/// The workspace that this tool serves.
pub struct Workspace {
    /// The folder of the workspace's manifest.
    pub root: PathBuf,
    /// Where cargo puts what it builds, and we what we generate.
    pub target: PathBuf,
    /// In the order in which they are read.
    pub stages: Vec<Stage>,
    /// How long a learner waits for a test that nothing else ends.
    pub limit: Duration,
}

/// A numbered folder with code, and its exercises.
pub struct Stage {
    /// The folder's name, like `01-blocking`.
    pub name: String,
    /// In the order of its manifest.
    pub exercises: Vec<Exercise>,
}

/// The part of an exercise package's manifest that we read.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    test: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    path: PathBuf,
}

impl Workspace {
    /// Finds the workspace that holds `folder`, and reads its stages.
    ///
    /// # Errors
    /// There is no workspace of ours from there upwards, or a manifest of exercises cannot be
    /// read. An exercise that is damaged is no error here: it says so itself.
    pub fn find(folder: &Path, limit: Duration) -> anyhow::Result<Self> {
        let root = root(folder)?;
        Ok(Self { root: root.to_owned(), target: target(root)?, stages: stages(root)?, limit })
    }

    /// All exercises, in order.
    pub fn exercises(&self) -> impl Iterator<Item = &Exercise> + Clone {
        self.stages.iter().flat_map(|stage| &stage.exercises)
    }

    /// The exercise of this name. Its folder's name is understood too, the file to edit, and `01/NAME`, which
    /// tells exercises of different stages apart.
    ///
    /// # Errors
    /// There is none; the message holds the nearest name. Or there are several.
    pub fn exercise(&self, spoken: &str) -> anyhow::Result<&Exercise> {
        let (stage, name) = spoken.split_once('/').unwrap_or(("", spoken));
        let is_meant = |exercise: &&Exercise| {
            let folder = exercise.folder.file_name().is_some_and(|folder| folder == name);
            let stage = ["", &exercise.stage, exercise.stage_number()].contains(&stage);
            stage && (exercise.name == name || folder) || exercise.answer().ends_with(spoken)
        };
        let found: Vec<_> = self.exercises().filter(is_meant).collect();
        match found[..] {
            [one] => Ok(one),
            [] => {
                let of_stage = |other: &&Exercise| {
                    [&*other.stage, other.stage_number()].contains(&spoken.trim_end_matches('/'))
                };
                if let Some(first) = self.exercises().find(of_stage) {
                    bail!(
                        "{spoken} is a stage. Say an exercise of it, such as {}",
                        first.short_id()
                    );
                }
                let names = self.exercises().map(|exercise| exercise.name.as_str());
                let hint = did_you_mean(name, names);
                bail!("no exercise is called {spoken}{hint} `cargo workshop list` shows all")
            }
            _ => {
                let names: Vec<_> = found.iter().map(|exercise| exercise.short_id()).collect();
                bail!("more than one exercise is called {name}. Say which: {}", names.join(" or "))
            }
        }
    }

    /// What a learner calls an exercise: its name, with its stage where another stage has an exercise of
    /// that name.
    pub fn spoken(&self, exercise: &Exercise) -> String {
        match self.exercises().filter(|other| other.name == exercise.name).count() {
            0 | 1 => exercise.name.clone(),
            _ => exercise.short_id(),
        }
    }

    /// A path as the reader sees it: from the workspace's root.
    pub fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// The workspace that holds `folder`, which may be broken otherwise.
///
/// # Errors
/// There is none from there upwards.
pub fn root(folder: &Path) -> anyhow::Result<&Path> {
    let is_ours = |folder: &&Path| {
        folder.join("book/book.toml").is_file() && folder.join("workshop/Cargo.toml").is_file()
    };
    let Some(root) = folder.ancestors().find(is_ours) else {
        bail!(
            "{} is not inside the workshop: neither it nor a folder above it holds book/book.toml and \
             workshop/Cargo.toml. Change into the project's folder and try again",
            folder.display()
        );
    };
    Ok(root)
}

/// Where cargo puts what it builds.
///
/// # Errors
/// There is no current folder.
pub fn target(root: &Path) -> std::io::Result<PathBuf> {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => std::path::absolute(target),
        None => Ok(root.join("target")),
    }
}

/// The stages of a workspace that have exercises, in the order in which they are read.
///
/// # Errors
/// A manifest of exercises cannot be read.
pub fn stages(root: &Path) -> anyhow::Result<Vec<Stage>> {
    let names = stage_names(root, "exercises/Cargo.toml")?.into_iter();
    names.map(|name| Stage::read(root, name)).collect()
}

/// The folders of the stages that hold this file or folder, in the order in which they are read.
pub(crate) fn stage_names(root: &Path, holds: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in root.read_dir().with_context(|| format!("reading {}", root.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if is_stage(&name) && root.join(&name).join(holds).exists() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The files with this ending below a folder, from there, in order; none where there is no such folder.
///
/// # Errors
/// A folder cannot be read.
pub fn files(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = all_files(folder, |_| true)?;
    files.retain(|name| name.extension().is_some_and(|extension| extension == ending));
    Ok(files)
}

/// All files below a folder, and of the folders in it, that `counts` accepts.
pub(crate) fn all_files(
    folder: &Path,
    counts: impl Fn(&Path) -> bool,
) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop().filter(|below| folder.join(below).is_dir()) {
        let path = folder.join(&below);
        for entry in path.read_dir().with_context(|| format!("reading {}", path.display()))? {
            let name = below.join(entry?.file_name());
            let path = folder.join(&name);
            if counts(&path) {
                if path.is_dir() { folders.push(name) } else { files.push(name) }
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a folder's name is two digits, a dash, a name.
fn is_stage(name: &str) -> bool {
    matches!(name.as_bytes(), [b'0'..=b'9', b'0'..=b'9', b'-', _, ..])
}

impl Stage {
    fn read(root: &Path, name: String) -> anyhow::Result<Self> {
        let folder = root.join(&name).join("exercises");
        let manifest = folder.join("Cargo.toml");
        let text = std::fs::read_to_string(&manifest)
            .with_context(|| format!("reading {}", manifest.display()))?;
        let Manifest { test } = toml::from_str(&text)
            .with_context(|| format!("{} cannot be understood", manifest.display()))?;
        let exercise = |target: Target| {
            let path = folder.join(target.path);
            let folder = path.parent().unwrap_or(&folder).to_owned();
            Exercise::at(target.name, name.clone(), folder)
        };
        Ok(Self { exercises: test.into_iter().map(exercise).collect(), name: name.clone() })
    }
}
