//! Tells when files were saved.
//!
//! The system's notifications say when to look, and a comparison of times and lengths says what was saved:
//! a file that was only read causes a notification too, and some get lost, on folders that are shared with a
//! container for example. So it also looks now and then without one.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use notify::{RecommendedWatcher, RecursiveMode};
use walkdir::{DirEntry, WalkDir};

/// How often to look without a notification. It takes 7 ms for the 1,300 files of this repository.
const PAUSE: Duration = Duration::from_secs(1);
/// Editors write a file in several steps; they are done after this long.
const DEBOUNCE: Duration = Duration::from_millis(150);

/// Files, with their times, where the file system keeps any, and lengths.
type Snapshot = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Calls `on_change`, in a thread that ends with the process, with the files that were added, removed
/// or written, within half a second of a save; within two where the system does not notify. Watches a
/// folder with all below it except target/, hidden and editors' temporary files.
///
/// # Errors
/// No thread.
pub fn watch(
    root: &Path,
    on_change: impl FnMut(Vec<PathBuf>) + Send + 'static,
) -> anyhow::Result<JoinHandle<()>> {
    start(root, PAUSE, on_change)
}

fn start(
    root: &Path,
    pause: Duration,
    mut on_change: impl FnMut(Vec<PathBuf>) + Send + 'static,
) -> anyhow::Result<JoinHandle<()>> {
    let (sender, hints) = channel();
    let notifier = notifier(root, sender.clone());
    // Before the thread runs: what is saved after we return must be noticed.
    let mut seen = take(root);
    let root = root.to_owned();
    let watch = move || {
        // Else nobody could send a hint, and waiting for one would end at once.
        let _kept = (notifier, sender);
        loop {
            let _ = hints.recv_timeout(pause);
            if take(&root) == seen {
                continue;
            }
            thread::sleep(DEBOUNCE);
            while hints.try_recv().is_ok() {}
            let now = take(&root);
            let changed = changed(&seen, &now);
            seen = now;
            if !changed.is_empty() {
                on_change(changed);
            }
        }
    };
    let thread = thread::Builder::new().name("watcher".into());
    thread.spawn(watch).context("starting the thread that watches for saved files")
}

/// The system's notifications, as hints that it is time to look.
fn notifier(root: &Path, hints: Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // To look is to open folders, which is notified as well.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            // The thread that looks ends with the process.
            let _ = hints.send(());
        }
    })?;
    follow(&mut watcher, root)?;
    Ok(watcher)
}

/// Follows a folder with all below it; one that holds build output or a history only with its other
/// folders, since the system takes a watch for each.
fn follow(watcher: &mut dyn notify::Watcher, folder: &Path) -> notify::Result<()> {
    if !["target", ".git"].iter().any(|large| folder.join(large).exists()) {
        return watcher.watch(folder, RecursiveMode::Recursive);
    }
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    let entries = folder.read_dir()?.flatten().map(|entry| entry.path());
    let mut folders = entries.filter(|path| path.is_dir() && !is_ignored(path));
    folders.try_for_each(|folder| follow(watcher, &folder))
}

/// Looks at all files below a folder that are not ignored. Links to folders are not followed.
fn take(root: &Path) -> Snapshot {
    let is_ours = |entry: &DirEntry| entry.depth() == 0 || !is_ignored(entry.path());
    let entries = WalkDir::new(root).into_iter().filter_entry(is_ours).flatten();
    // A file that is gone since its folder was read counts as removed.
    let stamp = |entry: DirEntry| {
        let metadata = entry.path().metadata().ok().filter(Metadata::is_file)?;
        Some((entry.into_path(), (metadata.modified().ok(), metadata.len())))
    };
    entries.filter_map(stamp).collect()
}

/// The files that were added, removed or written between two looks.
fn changed(before: &Snapshot, after: &Snapshot) -> Vec<PathBuf> {
    let written = after.iter().filter(|(path, stamp)| before.get(*path) != Some(stamp));
    let gone = before.iter().filter(|(path, _)| !after.contains_key(*path));
    written.chain(gone).map(|(path, _)| path.clone()).collect()
}

/// Build output, hidden files, and what editors write beside the file that is being edited.
pub(crate) fn is_ignored(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == "target"
        || name.starts_with('.')
        || name.ends_with('~')
        || name.ends_with(".swp")
        // vim tests with it whether it may create files.
        || name == "4913"
        || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;
    use std::sync::mpsc;

    #[test]
    fn files_that_were_added_removed_or_written_are_reported_and_no_others() {
        let workspace = Workspace::empty();
        let book = workspace.path().join("book");
        for file in ["kept.md", "a/removed.md", "written.md", "new/deep/kept.md"] {
            workspace.write(&format!("book/{file}"), "");
        }
        let (sender, reports) = mpsc::channel();
        // Only a hint makes it look. (Nobody reads of a folder that the test has removed when it ended.)
        start(&book, Duration::MAX, move |paths| drop(sender.send(paths))).unwrap();
        let next = || reports.recv_timeout(Duration::from_secs(60)).expect("a report");
        // Of the same length, at another time.
        let file = std::fs::File::options().write(true).open(book.join("written.md")).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(next(), [book.join("written.md")]);
        std::fs::read(book.join("kept.md")).unwrap();
        for ignored in ["target/x", ".git/x", ".a.md.swp", "a.md~", "4913", "#a.md#", "a.swp"] {
            workspace.write(&format!("book/{ignored}"), "");
        }
        std::fs::remove_file(book.join("a/removed.md")).unwrap();
        assert_eq!(next(), [book.join("a/removed.md")]);
        workspace.write("book/new/deep/page.md", "");
        assert_eq!(next(), [book.join("new/deep/page.md")]);
    }
}
