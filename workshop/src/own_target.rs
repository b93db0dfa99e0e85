//! A target folder of the tool's own, in which cargo builds what is in the files.
//!
//! cargo builds again what is newer than what was built, by the times of files. Those prove nothing: a
//! file that was moved back is older than the one before it. So no other program builds here, and whenever
//! the content of a local package has changed, what was built of it is removed. And no verdict waits for
//! the learner's own builds or for those of an editor.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::cargo;
use crate::metadata::Packages;
use crate::terminal::complain;

/// While it is held, no other process builds there.
pub(crate) struct OwnTarget {
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
    pub(crate) fn lock(target: &Path, waiting: &dyn Fn(bool)) -> anyhow::Result<Self> {
        let folder = target.join("workshop");
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
        let one_at_a_time = lock(&folder.join("lock"), waiting)?;
        Ok(Self { folder, _one_at_a_time: one_at_a_time })
    }

    /// The folder, as an argument for cargo.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Removes what was built of local packages of a workspace whose content has changed since the last call:
    /// these, and those that they depend on. Returns a hash of the content of each.
    ///
    /// # Errors
    /// A file cannot be read, or cargo fails.
    pub(crate) fn forget_what_changed<'a>(
        &self,
        root: &Path,
        packages: &Packages,
        names: impl IntoIterator<Item = &'a str>,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let hashes = packages.hashes(names)?;
        let stamp = |name: &str| self.folder.join(format!("package-{name}"));
        // Of a package without a stamp, nothing was built.
        let is_other = |(name, hash): &(&String, &String)| {
            fs::read_to_string(stamp(name)).is_ok_and(|old| old != **hash)
        };
        let changed: Vec<_> = hashes.iter().filter(is_other).map(|(name, _)| name).collect();
        // Without a package, it would remove everything.
        if !changed.is_empty() {
            let mut clean = cargo::command();
            clean.args(["clean", "--quiet", "--target-dir"]).arg(self.path()).current_dir(root);
            clean.args(changed.iter().flat_map(|name| ["--package", name]));
            let run = clean.output().context("starting cargo")?;
            ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        }
        for (name, hash) in &hashes {
            write(&stamp(name), hash)?;
        }
        Ok(hashes)
    }
}

/// Says on standard error that we wait.
pub(crate) fn say_waiting(waits: bool) {
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
