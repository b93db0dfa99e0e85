//! Tells when files were saved.
//!
//! The system's notifications only say where to look: a file that was read causes one as well.
//! Building reads every page, so acting on them would rebuild for ever. What counts is a comparison
//! of times and lengths.

use super::snapshot::{Snapshot, is_ignored};
use super::terminal::complain;
use anyhow::{Context, ensure};
use notify::{RecommendedWatcher, RecursiveMode};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Editors write a file in several steps; they are done after this long.
const DEBOUNCE: Duration = Duration::from_millis(150);
/// How often to look where the system cannot notify.
const POLL: Duration = Duration::from_millis(500);
/// How often to look where it can: notifications get lost, on folders shared with a container
/// for example.
const SAFETY_SCAN: Duration = Duration::from_secs(3);

/// Calls `on_change`, in a thread that ends with the process, with the files that were added, removed
/// or written, within half a second of a save. Watches folders with all below them except target/,
/// hidden and editors' temporary files.
///
/// Where the system refuses to notify, files are polled, with a note on stderr.
///
/// # Errors
/// A path that does not exist; no thread.
pub fn watch(
    paths: &[PathBuf],
    on_change: impl FnMut(Vec<PathBuf>) + Send + 'static,
) -> anyhow::Result<JoinHandle<()>> {
    let (sender, inbox) = channel();
    let notifier = notifier(paths, sender.clone());
    start(paths, notifier, SAFETY_SCAN, (sender, inbox), on_change)
}

/// The system's notifications.
fn notifier(paths: &[PathBuf], sender: Sender<Vec<PathBuf>>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // The thread that listens ends with the process.
        let _ = sender.send(event.map_or(Vec::new(), |event| event.paths));
    })?;
    paths.iter().try_for_each(|path| follow(&mut watcher, path))?;
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

fn start(
    paths: &[PathBuf],
    notifier: notify::Result<RecommendedWatcher>,
    safety_scan: Duration,
    (sender, inbox): (Sender<Vec<PathBuf>>, Receiver<Vec<PathBuf>>),
    mut on_change: impl FnMut(Vec<PathBuf>) + Send + 'static,
) -> anyhow::Result<JoinHandle<()>> {
    for path in paths {
        ensure!(
            path.exists(),
            "{} does not exist, so it cannot be watched: restore it",
            path.display()
        );
    }
    let pause = if notifier.is_ok() { safety_scan } else { POLL };
    if let Err(error) = &notifier {
        complain(format_args!(
            "note: the system does not report saved files ({error}), so the tool looks for them twice a second"
        ));
    }
    // Before the thread runs: what is saved after we return must be noticed.
    let mut seen = Snapshot::take(paths);
    let roots = paths.to_vec();
    let watch = move || {
        // Else nobody would notify us, and waiting would end at once.
        let _kept = (notifier, sender);
        loop {
            if let Ok(paths) = inbox.recv_timeout(pause) {
                // A scan opens folders, which is notified: without this test it would cause the
                // next scan.
                if !paths.iter().any(|path| seen.differs_at(path)) {
                    continue;
                }
                let end = Instant::now() + DEBOUNCE;
                let left = || end.saturating_duration_since(Instant::now());
                while inbox.recv_timeout(left()).is_ok() {}
            }
            let now = Snapshot::take(&roots);
            let changed = now.files_changed_since(&seen);
            seen = now;
            if !changed.is_empty() {
                on_change(changed);
            }
        }
    };
    let thread = thread::Builder::new().name("watcher".into());
    thread.spawn(watch).context("starting the thread that watches for saved files")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;
    use std::path::Path;

    /// Long enough that only notifications can be what wakes the watcher.
    const NEVER: Duration = Duration::from_secs(3600);

    fn watched(path: &Path, polled: bool) -> Receiver<Vec<PathBuf>> {
        let (report, reports) = channel();
        let (sender, inbox) = channel();
        let paths = [path.to_owned()];
        let notifier = match polled {
            true => Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)),
            false => notifier(&paths, sender.clone()),
        };
        // Nobody reads of a folder that a test has removed when it ended.
        let tell = move |paths| drop(report.send(paths));
        start(&paths, notifier, NEVER, (sender, inbox), tell).unwrap();
        reports
    }

    fn next(reports: &Receiver<Vec<PathBuf>>) -> Vec<PathBuf> {
        reports
            .recv_timeout(Duration::from_secs(60))
            .expect("a report: the watcher missed the save")
    }

    #[test]
    fn a_save_is_reported_and_a_read_is_not() {
        let workspace = Workspace::with_book();
        let book = workspace.path().join("book");
        let reports = watched(&book, false);
        for text in ["one", "three"] {
            std::fs::read(book.join("src/waker/page.md")).unwrap();
            workspace.write("book/src/start.md", text);
            assert_eq!(next(&reports), [book.join("src/start.md")]);
        }
    }

    #[test]
    fn new_folders_are_followed_beside_build_output_too() {
        let workspace = Workspace::with_book();
        workspace.write("book/target/x", "");
        let book = workspace.path().join("book");
        let reports = watched(&book, false);
        workspace.write("book/target/x", "more");
        workspace.write("book/src/new/deep/page.md", "");
        assert_eq!(next(&reports), [book.join("src/new/deep/page.md")]);
        workspace.write("book/src/new/deep/page.md", "more");
        assert_eq!(next(&reports), [book.join("src/new/deep/page.md")]);
    }

    #[test]
    fn a_file_is_watched_through_its_replacement() {
        let workspace = Workspace::with_book();
        let file = workspace.path().join("book/book.toml");
        let reports = watched(&workspace.path().join("book"), false);
        for text in ["a", "bb"] {
            workspace.write("book/.new", text);
            std::fs::rename(workspace.path().join("book/.new"), &file).unwrap();
            assert_eq!(next(&reports), std::slice::from_ref(&file));
        }
    }

    #[test]
    fn without_notifications_files_are_polled() {
        let workspace = Workspace::with_book();
        let book = workspace.path().join("book");
        let reports = watched(&book, true);
        workspace.write("book/src/start.md", "");
        assert_eq!(next(&reports), [book.join("src/start.md")]);
    }

    #[test]
    fn a_missing_path_is_named() {
        let Err(error) = watch(&["no/such/path".into()], |_| {}) else {
            panic!("there is no such path")
        };
        assert!(error.to_string().starts_with("no/such/path does not exist"), "{error}");
    }
}
