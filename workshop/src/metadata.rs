//! The packages of the workspace, as cargo lists them, and what is in their files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use crate::cargo;
use crate::exercise::sha256;
use crate::watch::is_ignored;
use crate::workspace::all_files;

/// What `cargo metadata` prints, as far as we read it.
#[derive(Deserialize)]
pub(crate) struct Packages {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

/// Serialized, it is a dependency in a manifest.
#[derive(Deserialize, Serialize)]
pub(crate) struct Dependency {
    #[serde(skip_serializing)]
    pub(crate) name: String,
    #[serde(rename(deserialize = "req", serialize = "version"))]
    version: String,
    #[serde(rename(deserialize = "uses_default_features", serialize = "default-features"))]
    default_features: bool,
    features: Vec<String>,
    /// Only a local package has one.
    pub(crate) path: Option<PathBuf>,
}

impl Packages {
    /// Those of the workspace in this folder.
    pub(crate) fn of(root: &Path) -> anyhow::Result<Self> {
        let mut metadata = cargo::command();
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root);
        let run = metadata.output().context("starting cargo")?;
        ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr).trim());
        serde_json::from_slice(&run.stdout).context("what cargo metadata says")
    }

    /// What the packages of exercises depend on.
    pub(crate) fn of_exercises(&self) -> impl Iterator<Item = &Dependency> {
        let is_of_exercises =
            |package: &&Package| package.manifest_path.ends_with("exercises/Cargo.toml");
        self.packages.iter().filter(is_of_exercises).flat_map(|package| &package.dependencies)
    }

    /// A hash for each of these packages that is here, and for each that they depend on: of its files, and
    /// the files of what it depends on.
    pub(crate) fn hashes<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let mut hashes = BTreeMap::new();
        for name in self.with_dependencies(names).keys() {
            let mut content = String::new();
            for folder in self.with_dependencies([*name]).values() {
                content += &hash_files(folder)?;
            }
            hashes.insert(String::from(*name), sha256(content));
        }
        Ok(hashes)
    }

    /// These packages and the local ones that they depend on, each with its folder.
    fn with_dependencies<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> BTreeMap<&str, &Path> {
        let mut found = BTreeMap::new();
        let mut wanted: Vec<_> = names.into_iter().collect();
        while let Some(name) = wanted.pop() {
            let Some(package) = self.packages.iter().find(|package| package.name == name) else {
                continue;
            };
            let folder = package.manifest_path.parent().unwrap_or(&package.manifest_path);
            if found.insert(&*package.name, folder).is_none() {
                let local = package.dependencies.iter().filter(|other| other.path.is_some());
                wanted.extend(local.map(|other| &*other.name));
            }
        }
        found
    }
}

/// The path and the hash of each file of a package.
fn hash_files(folder: &Path) -> anyhow::Result<String> {
    let mut hashes = String::new();
    let is_ours = |below: &Path| !below.join("Cargo.toml").is_file() && !is_ignored(below);
    for file in all_files(folder, is_ours)? {
        let path = folder.join(file);
        let content = fs::read(&path).with_context(|| path.display().to_string())?;
        writeln!(hashes, "{} {}", path.display(), sha256(content))?;
    }
    Ok(hashes)
}
