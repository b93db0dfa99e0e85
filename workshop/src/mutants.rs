//! `mutants`: small changes of a solution that no test notices. cargo-mutants makes them.

use anyhow::{Context, ensure};

use crate::cargo;
use crate::exercise::{Exercise, read};
use crate::own_target::write;
use crate::package::manifest;
use crate::workspace::Workspace;

/// Runs cargo-mutants on a package of which the solution is the library, and returns whether the tests
/// notice every change.
pub(crate) fn run(workspace: &Workspace, exercise: &Exercise) -> anyhow::Result<bool> {
    let installed = cargo::command().args(["mutants", "--version"]).output();
    ensure!(
        installed.is_ok_and(|output| output.status.success()),
        "this needs cargo-mutants. Install it with: cargo install --locked cargo-mutants"
    );
    let all = workspace.target.join("workshop/mutants");
    let folder = all.join(exercise.id().replace('/', "-"));
    let copy = |file: &str, to: &str| {
        let text = read(&exercise.folder.join(file))?;
        write(&folder.join(to), &text)?;
        anyhow::Ok(text)
    };
    let solution = copy("solution.rs", "exercise.rs")?;
    let tests = copy("tests.rs", "tests.rs")?;
    copy(&workspace.root.join("Cargo.lock").to_string_lossy(), "Cargo.lock")?;
    write(&folder.join("lib.rs"), "//! A solution, to be mutated.\npub mod exercise;\n")?;
    let manifest =
        manifest(workspace, &[&solution, &tests])?.0.replace("[dev-dependencies", "[dependencies");
    let target = "\n[[test]]\nname = \"tests\"\npath = \"tests.rs\"\n";
    write(&folder.join("Cargo.toml"), &(manifest + target))?;
    let status = cargo::command()
        .args(["mutants", "--in-place", "--dir"])
        .arg(&folder)
        .env("CARGO_TARGET_DIR", all.join("target"))
        .status()
        .context("starting cargo mutants")?;
    Ok(status.success())
}
