// Included by the build scripts of the models of stages 03 and 04. Writes a stage's files, as they are
// and once for each patch of `weakened/`, as modules that `src/lib.rs` includes.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context;

/// Writes the modules. `files` of `../src` are in the order in which they use each other.
fn weaken(files: &[&str]) -> anyhow::Result<()> {
    let source = Path::new("../src");
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    println!("cargo::rerun-if-changed=../src");
    println!("cargo::rerun-if-changed=weakened");

    let mut modules = String::new();
    let mut module = |name: &str, patch: Option<&str>| -> anyhow::Result<()> {
        // The stage's own check is where clippy looks: a weakened line may be bad style as well.
        writeln!(modules, "#[allow(clippy::all)]\npub mod {name} {{")?;
        for file in files {
            let path = source.join(file).with_extension("rs");
            let mut text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            if let Some(patch) = patch.filter(|patch| patch.contains(&format!("--- {file}.rs\n"))) {
                let patch = diffy::Patch::from_str(patch).with_context(|| name.to_owned())?;
                match diffy::apply(&text, &patch) {
                    Ok(weakened) => text = weakened,
                    // Its test fails then: the copy is as strong as what is written.
                    Err(error) => {
                        println!("cargo::warning=weakened/{name}.diff, {file}.rs: {error}")
                    }
                }
            }
            // Each copy is a module of its own, and finds the others beside it. The tests stay behind.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let text = text.replace("use crate::", "use super::");
            let copy = out.join(format!("{name}-{file}.rs"));
            fs::write(&copy, text)?;
            writeln!(modules, "    #[path = {copy:?}]\n    pub mod {file};")?;
        }
        writeln!(modules, "    pub use crate::sync;\n}}\n")?;
        Ok(())
    };
    module("as_written", None)?;
    let mut patches: Vec<_> =
        fs::read_dir("weakened")?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    patches.sort();
    for path in patches {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        module(&name, Some(&fs::read_to_string(&path)?))?;
    }
    fs::write(out.join("modules.rs"), modules)?;
    Ok(())
}
