//! A target folder of the tool's own, in which cargo builds what is in the files.
//!
//! cargo builds again what is newer than what was built, by the times of files. Those prove nothing: a
//! file that was moved back is older than the one before it. So no other program builds here, and whenever
//! the content of a local package has changed, what was built of it is removed. And no verdict waits for
//! the learner's own builds or for those of an editor.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::cargo;
use crate::exercise::sha256;
use crate::terminal::complain;

/// While it is held, no other process builds there.
pub struct OwnTarget {
    /// What is ours in the workspace's target folder, as cargo names it in its messages.
    pub(crate) folder: PathBuf,
    _one_at_a_time: File,
}

impl OwnTarget {
    /// Waits until no other process uses it; if one does, calls `waiting` with true, and with false after
    /// that.
    ///
    /// # Errors
    /// The folder cannot be made, or its lock cannot be opened.
    pub fn lock(target: &Path, waiting: &dyn Fn(bool)) -> anyhow::Result<Self> {
        let folder = target.join("workshop");
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
        let one_at_a_time = lock(&folder.join("lock"), waiting)?;
        Ok(Self { folder, _one_at_a_time: one_at_a_time })
    }

    /// The folder, as an argument for cargo.
    pub fn path(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Removes what was built of these packages of a workspace if any of them has changed since the last
    /// call with the same name.
    ///
    /// # Errors
    /// A file cannot be read, or cargo fails.
    pub fn forget_what_changed(
        &self,
        name: &str,
        root: &Path,
        packages: &Packages,
    ) -> anyhow::Result<()> {
        let stamp = self.folder.join(name);
        let hash = packages.hash()?;
        if fs::read_to_string(&stamp).is_ok_and(|old| old != hash) {
            let mut clean = cargo::command();
            clean.args(["clean", "--quiet"]).current_dir(root);
            clean.arg("--target-dir").arg(self.path());
            for name in packages.0.keys() {
                clean.args(["--package", name]);
            }
            let run = clean.output().context("starting cargo")?;
            ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        }
        write(&stamp, &hash)
    }
}

/// Local packages, by name, each with its folder.
#[derive(Default)]
pub struct Packages(pub(crate) BTreeMap<String, PathBuf>);

impl Packages {
    /// A package of a workspace, if it is there, and those that it depends on.
    ///
    /// # Errors
    /// cargo's words.
    pub fn of(root: &Path, name: &str) -> anyhow::Result<Self> {
        let mut metadata = cargo::command();
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root);
        let run = metadata.output().context("starting cargo")?;
        ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr).trim());
        let metadata: Value =
            serde_json::from_slice(&run.stdout).context("what cargo metadata says")?;
        let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        let packages = list(&metadata, "packages");
        let mut found = BTreeMap::new();
        let mut wanted = vec![name.to_owned()];
        while let Some(name) = wanted.pop() {
            let Some(package) = packages.iter().find(|package| package["name"] == *name) else {
                continue;
            };
            let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
            if found.insert(name, manifest.parent().unwrap_or(root).to_owned()).is_none() {
                // Only a local one has a path.
                let local = list(package, "dependencies").into_iter();
                let local = local.filter(|other| other["path"].is_string());
                wanted.extend(local.filter_map(|other| Some(other["name"].as_str()?.to_owned())));
            }
        }
        Ok(Self(found))
    }

    /// A hash of all their files.
    pub(crate) fn hash(&self) -> anyhow::Result<String> {
        let mut hashes = String::new();
        self.0.values().try_for_each(|folder| hash_files(folder, &mut hashes))?;
        Ok(sha256(hashes))
    }
}

/// Adds the name and the hash of each file below a folder, but for other packages in there.
fn hash_files(folder: &Path, hashes: &mut String) -> anyhow::Result<()> {
    let entries = folder.read_dir().with_context(|| format!("reading {}", folder.display()))?;
    let mut paths: Vec<_> =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    for path in paths {
        if path.join("Cargo.toml").is_file() {
            continue;
        }
        if path.is_dir() {
            hash_files(&path, hashes)?;
        } else {
            let hash = sha256(fs::read(&path).with_context(|| path.display().to_string())?);
            writeln!(hashes, "{} {hash}", path.display())?;
        }
    }
    Ok(())
}

/// Says on standard error that we wait.
pub fn say_waiting(waits: bool) {
    if waits {
        complain("waiting for another cargo in this folder");
    }
}

/// Waits until no other process holds this file.
///
/// # Errors
/// It cannot be opened.
pub fn lock(file: &Path, waiting: &dyn Fn(bool)) -> anyhow::Result<File> {
    let lock = File::create(file).with_context(|| format!("opening {}", file.display()))?;
    #[cfg(unix)]
    {
        use rustix::fs::{FlockOperation, flock};
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            waiting(true);
            flock(&lock, FlockOperation::LockExclusive).context("waiting for another process")?;
            waiting(false);
        }
    }
    Ok(lock)
}

/// Writes a file, and the folder it lies in, unless it holds this text already.
pub(crate) fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}
