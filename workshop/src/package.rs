//! The package in which answers are built: a test target for each, below target/.
//!
//! The folder of each target is named after its content. Another answer has another path, so cargo never
//! takes it for one that is built already, whatever the times of its files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cargo::{self, Built, Targets};
use crate::exercise::{read, sha256};
use crate::metadata::{Dependency, Packages};
use crate::own_target::{OwnTarget, write};
use crate::workspace::Workspace;

/// A test target: an answer under the tests of its exercise.
pub(crate) struct Target {
    /// No other target of the package has it.
    pub(crate) name: String,
    /// What is in tests.rs.
    pub(crate) tests: String,
    /// What is in exercise.rs, next to it.
    pub(crate) exercise: String,
}

impl Target {
    /// Whether its code may use this package.
    fn names(&self, package: &str) -> bool {
        let name = package.replace('-', "_");
        self.tests.contains(&name) || self.exercise.contains(&name)
    }
}

/// The package, written. While it is held, no other process writes it, or builds in it.
pub(crate) struct Package<'a> {
    workspace: &'a Workspace,
    target: OwnTarget,
    folder: PathBuf,
    /// The workspace's own packages that it depends on, each with the hash of its content.
    local: BTreeMap<String, String>,
}

impl<'a> Package<'a> {
    /// Writes it, once no other process uses it; `waiting` is called as by [`OwnTarget::lock`]. What has not
    /// changed since the last time stays, so that cargo builds only what is new.
    pub(crate) fn write(
        workspace: &'a Workspace,
        targets: &[&Target],
        waiting: &dyn Fn(bool),
    ) -> anyhow::Result<Self> {
        let target = OwnTarget::lock(&workspace.target, waiting)?;
        let folder = target.folder.join("package");
        let packages = Packages::of(&workspace.root)?;
        // The workspace's own are left out if no target names them: a stage that a reader has broken must
        // not break exercises of other stages.
        let is_used = |other: &&Dependency| {
            other.path.is_none() || targets.iter().any(|target| target.names(&other.name))
        };
        let dependencies: BTreeMap<_, _> =
            packages.of_exercises().filter(is_used).map(|other| (&*other.name, other)).collect();
        let names = dependencies.values().filter(|other| other.path.is_some());
        let names = names.map(|other| &*other.name);
        let mut local = target.forget_what_changed(&workspace.root, &packages, names)?;
        local.retain(|name, _| dependencies.contains_key(&**name));
        let mut manifest = manifest(&workspace.root, &dependencies)?;
        let package = Self { workspace, target, folder, local };
        for target in targets {
            let Target { name, tests, exercise } = target;
            let place = package.place(target);
            let at = package.folder.join(&place);
            if !at.exists() && package.folder.join(name).exists() {
                // What it held before.
                fs::remove_dir_all(package.folder.join(name))?;
            }
            write(&at.join("tests.rs"), tests)?;
            write(&at.join("exercise.rs"), exercise)?;
            writeln!(manifest, "\n[[test]]\nname = \"{name}\"\npath = \"{place}/tests.rs\"")?;
        }
        write(&package.folder.join("Cargo.toml"), &manifest)?;
        // The same versions as in the workspace, and the same lints.
        for file in ["Cargo.lock", "clippy.toml"] {
            write(&package.folder.join(file), &read(&workspace.root.join(file))?)?;
        }
        Ok(package)
    }

    /// Where a target is, from the package's folder.
    pub(crate) fn place(&self, target: &Target) -> String {
        let Target { name, tests, exercise } = target;
        let used = self.local.iter().filter(|(name, _)| target.names(name));
        let content: Vec<_> =
            [tests, exercise].into_iter().chain(used.map(|(_, hash)| hash)).cloned().collect();
        let hash = sha256(content.join("\0"));
        format!("{name}/{}", &hash[..16])
    }

    /// Has cargo do something with it, as [`cargo::build`] does.
    pub(crate) fn cargo(&self, arguments: &[&str], colour: bool) -> anyhow::Result<Targets> {
        let manifest = format!("--manifest-path={}", self.folder.join("Cargo.toml").display());
        let arguments = [arguments, &[&manifest]].concat();
        cargo::build(&self.workspace.root, &self.target.path(), &arguments, colour)
    }

    /// Takes out the result of a target.
    pub(crate) fn take(&self, built: &mut Targets, target: &Target) -> Built {
        built.take(&self.folder.join(self.place(target)).join("tests.rs"))
    }
}

/// The package's manifest without its targets: the workspace's lints, and what targets depend on.
fn manifest(root: &Path, dependencies: &BTreeMap<&str, &Dependency>) -> anyhow::Result<String> {
    let file = root.join("Cargo.toml");
    let root: toml::Table =
        toml::from_str(&read(&file)?).with_context(|| file.display().to_string())?;
    let shared = |key: &str| root.get("workspace").and_then(|table| table.get(key)).cloned();
    let edition = shared("package").and_then(|package| package.get("edition").cloned());
    // A workspace of its own, although it lies inside another. What only pays off for whoever debugs or
    // edits one program is left out for so many.
    let mut manifest = toml::toml! {
        [workspace]
        [package]
        name = "answers"
        edition = ""
        autotests = false
        [profile.dev]
        debug = false
        strip = true
        incremental = false
    };
    manifest["package"]["edition"] = edition.context("the workspace's edition")?;
    manifest.insert("dev-dependencies".to_owned(), toml::Value::try_from(dependencies)?);
    manifest.insert("lints".to_owned(), shared("lints").context("the workspace's lints")?);
    Ok(toml::to_string(&manifest)?)
}
