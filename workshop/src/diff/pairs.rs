//! Which file of the older stage stands beside which of the newer one: those that the newer one's
//! diff.toml declares, and those of one name.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use super::stages;
use crate::nearest::did_you_mean;
use crate::workspace::files;

/// Two stages, their files put side by side.
#[derive(Debug)]
pub(super) struct Beside {
    /// The folders' names, like `01-blocking`.
    pub(super) older: String,
    pub(super) newer: String,
    /// Those that the newer stage declares, in its order; then those of one name. A file may have
    /// several partners.
    pub(super) pairs: Vec<Pair>,
    /// Files of the older stage without a partner.
    pub(super) gone: Vec<String>,
    /// Files of the newer stage without a partner.
    pub(super) new: Vec<String>,
}

/// Two files, each from the folder of its stage.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair {
    /// The older stage, like `01`.
    from: String,
    pub(super) old: String,
    pub(super) new: String,
    /// What becomes of the older one, in a sentence; nothing, if they only have one name.
    pub(super) says: String,
}

/// A diff.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    pair: Vec<Pair>,
}

/// The pairs that a stage declares, in the order of its file. A stage without the file declares none.
pub(super) fn declared(root: &Path, stages: &[String], stage: &str) -> anyhow::Result<Vec<Pair>> {
    let name = format!("{stage}/diff.toml");
    if !root.join(&name).exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(root.join(&name)).with_context(|| name.clone())?;
    let file: File = toml::from_str(&text).with_context(|| name.clone())?;
    for Pair { from, old, new, .. } in &file.pair {
        let older = stages::find(stages, from).with_context(|| name.clone())?;
        ensure!(older < stage, "{name}: {older} is not older than {stage}: name a stage before it");
        for (file, of) in [(old, older), (new, stage)] {
            let there_are = [sources(root, of)?, below("examples", root, of)?].concat();
            if !there_are.contains(file) {
                let candidates = there_are.iter().map(String::as_str);
                let hint = did_you_mean(file, candidates, ": write the name that it has now");
                bail!("{name}: {of} has no file `{file}`{hint}");
            }
        }
    }
    Ok(file.pair)
}

impl Beside {
    pub(super) fn read(
        root: &Path,
        stages: &[String],
        older: &str,
        newer: &str,
    ) -> anyhow::Result<Self> {
        let mut pairs = declared(root, stages, newer)?;
        pairs.retain(|pair| stages::find(stages, &pair.from).is_ok_and(|from| from == older));
        let (mut gone, mut new) = (sources(root, older)?, sources(root, newer)?);
        for name in gone.iter().filter(|name| new.contains(name)) {
            if !pairs.iter().any(|pair| pair.old == *name && pair.new == *name) {
                let (from, old, new) = (older.to_owned(), name.clone(), name.clone());
                pairs.push(Pair { from, old, new, says: String::new() });
            }
        }
        gone.retain(|file| pairs.iter().all(|pair| pair.old != *file));
        new.retain(|file| pairs.iter().all(|pair| pair.new != *file));
        Ok(Self { older: older.to_owned(), newer: newer.to_owned(), pairs, gone, new })
    }

    /// The pairs in which a file of either stage stands. It is called by its name, with or without
    /// folders and `.rs`.
    ///
    /// # Errors
    /// No file is called so, or it has no partner; the message says what to do instead.
    pub(super) fn partners(&self, spoken: &str) -> anyhow::Result<Vec<&Pair>> {
        let Self { older, newer, pairs, gone, new } = self;
        let meant = |pair: &&Pair| {
            is_called(older, &pair.old, spoken) || is_called(newer, &pair.new, spoken)
        };
        let meant: Vec<_> = pairs.iter().filter(meant).collect();
        if !meant.is_empty() {
            return Ok(meant);
        }
        if let Some(file) = gone.iter().find(|file| is_called(older, file, spoken)) {
            bail!("{older}/{file} is gone in {newer}: nothing stands beside it. Read it as it is");
        }
        if let Some(file) = new.iter().find(|file| is_called(newer, file, spoken)) {
            bail!("{newer}/{file} is new: nothing of {older} stands beside it. Read it as it is");
        }
        let files = pairs.iter().flat_map(|pair| [&pair.old, &pair.new]).chain(gone).chain(new);
        let names = files.filter_map(|file| file.rsplit('/').next()?.strip_suffix(".rs"));
        let otherwise = format!(". Those there are: {}", stages::command(older, newer));
        // Names are near, whatever folder was typed before them.
        let name = spoken.rsplit('/').next().unwrap_or_default();
        let hint = did_you_mean(name.strip_suffix(".rs").unwrap_or(name), names, &otherwise);
        bail!("neither {older} nor {newer} has a file {spoken}{hint}");
    }
}

fn is_called(stage: &str, file: &str, spoken: &str) -> bool {
    let whole = format!("/{stage}/{file}");
    let spoken = spoken.strip_suffix(".rs").unwrap_or(spoken);
    whole.strip_suffix(".rs").is_some_and(|whole| whole.ends_with(&format!("/{spoken}")))
}

/// A stage's code: the Rust files below its `src`, from its folder, with slashes, in order.
fn sources(root: &Path, stage: &str) -> anyhow::Result<Vec<String>> {
    below("src", root, stage)
}

fn below(folder: &str, root: &Path, stage: &str) -> anyhow::Result<Vec<String>> {
    let files = files(&root.join(stage).join(folder), "rs")?.into_iter();
    let name = |file: PathBuf| format!("{folder}/{}", file.display()).replace('\\', "/");
    Ok(files.map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::fixture::two_stages;
    use crate::diff::problems;
    use crate::workspace::stage_names;

    fn beside(root: &Path, older: &str, newer: &str) -> Beside {
        Beside::read(root, &stage_names(root, "src").unwrap(), older, newer).unwrap()
    }

    fn names(pairs: &[&Pair]) -> Vec<String> {
        pairs.iter().map(|pair| format!("{} {}", pair.old, pair.new)).collect()
    }

    #[test]
    fn a_declared_pair_is_not_doubled_and_is_of_its_own_older_stage() {
        let root = two_stages();
        let declare = |file: &str, from: &str, name: &str| {
            let names = format!("from = \"{from}\"\nold = \"{name}\"\nnew = \"{name}\"\n");
            root.write(file, &format!("[[pair]]\n{names}says = \"x\"\n"));
        };
        declare("02-new/diff.toml", "01", "src/lib.rs");
        let pairs = beside(root.path(), "01-old", "02-new").pairs;
        assert_eq!((pairs.len(), &*pairs[0].says), (1, "x"));
        root.write("03-last/src/slab/mod.rs", "");
        declare("03-last/diff.toml", "02", "src/slab/mod.rs");
        let pairs = |older| beside(root.path(), older, "03-last").pairs.len();
        assert_eq!((pairs("01-old"), pairs("02-new")), (0, 1));
    }

    #[test]
    fn a_file_is_called_by_its_name_on_either_side() {
        let root = two_stages();
        let beside = beside(root.path(), "01-old", "02-new");
        for spoken in ["echo", "echo.rs", "src/echo", "01-old/src/echo.rs", "connection"] {
            let pairs = beside.partners(spoken).unwrap();
            assert_eq!(names(&pairs), ["src/echo.rs src/connection.rs"], "{spoken}");
        }
        let none = "neither 01-old nor 02-new has a file ";
        for (spoken, sentence) in [
            ("limit", "01-old/src/limit.rs is gone in 02-new: nothing stands beside it. "),
            ("slab/mod", "02-new/src/slab/mod.rs is new: nothing of 01-old stands beside it. "),
            ("01-old/src/connection.rs", none),
            ("src/ehco.rs", &format!("{none}src/ehco.rs: did you mean `echo`?")),
            ("zzz", &format!("{none}zzz. Those there are: cargo workshop diff 01 02")),
        ] {
            let error = beside.partners(spoken).unwrap_err().to_string();
            assert!(error.starts_with(sentence), "{error}");
        }
    }

    #[test]
    fn what_a_diff_toml_has_wrong_is_a_sentence() {
        let root = two_stages();
        let file = "02-new/diff.toml";
        let good = std::fs::read_to_string(root.path().join(file)).unwrap();
        let change = |from, to| {
            root.write(file, &good.replace(from, to));
            problems(root.path()).unwrap().join("\n")
        };
        for (from, to, sentence) in [
            ("echo", "ehco", "01-old has no file `src/ehco.rs`: did you mean `src/echo.rs`?"),
            ("src/connection.rs", "s.rs", "02-new has no file `s.rs`: write the name"),
            ("01", "02", "02-new is not older than 02-new"),
            ("01", "09", "there is no stage 09: those with code are 01-old, 02-new"),
            ("says", "say", "TOML parse error at line 5"),
        ] {
            let said = change(from, to);
            assert!(said.starts_with(&format!("{file}: {sentence}")), "{said}");
        }
        root.write("02-new/examples/rung.rs", "");
        assert_eq!(change("src/connection.rs", "examples/rung.rs"), "");
    }
}
