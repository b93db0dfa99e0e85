//! Tells when files were saved.
//!
//! The system's notifications only say where to look: the debouncer drops their kind, and a
//! file that was read causes one as well. Building reads every page, so acting on them would
//! rebuild for ever. What counts is a comparison of times and lengths.

use super::snapshot::Snapshot;
use super::terminal::complain;
use anyhow::{Context, ensure};
use notify_debouncer_mini::notify::{self, RecommendedWatcher, RecursiveMode};
use notify_debouncer_mini::{DebounceEventResult, Debouncer, new_debouncer};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Editors write a file in several steps; they are done after this long without another.
const DEBOUNCE: Duration = Duration::from_millis(150);
/// How often to look where the system cannot notify.
const POLL: Duration = Duration::from_millis(500);
/// How often to look where it can: notifications get lost, on folders shared with a container
/// for example.
const SAFETY_SCAN: Duration = Duration::from_secs(3);

/// Watches until it is dropped.
pub struct Watcher {
    stop: Sender<Message>,
}

enum Message {
    /// Something happened to these paths, or something to be found by a scan.
    Look(Vec<PathBuf>),
    Stop,
}

/// Calls `on_change` in a thread of its own with the files that were added, removed or written,
/// within half a second of a save. Watches files, and folders with all below them except
/// target/, hidden and editors' temporary files.
///
/// Where the system refuses to notify, files are polled, with a note on stderr.
///
/// # Errors
/// A path that does not exist; no thread.
pub fn watch(
    paths: &[PathBuf],
    on_change: impl FnMut(Vec<PathBuf>) + Send + 'static,
) -> anyhow::Result<Watcher> {
    let (sender, inbox) = channel();
    let notifier = Notifier::new(sender.clone());
    start(paths, notifier, SAFETY_SCAN, (sender, inbox), on_change)
}

fn start(
    paths: &[PathBuf],
    notifier: notify::Result<Notifier>,
    safety_scan: Duration,
    (stop, inbox): (Sender<Message>, Receiver<Message>),
    on_change: impl FnMut(Vec<PathBuf>) + Send + 'static,
) -> anyhow::Result<Watcher> {
    for path in paths {
        ensure!(
            path.exists(),
            "{} does not exist, so it cannot be watched: restore it",
            path.display()
        );
    }
    let notifier = notifier.map_err(|error| note_polling(&error)).ok();
    let mut watch =
        Watch { roots: paths.to_vec(), notifier, safety_scan, seen: Snapshot::default() };
    // Before the thread runs: what is saved after we return must be noticed.
    watch.look();
    thread::Builder::new()
        .name("watcher".into())
        .spawn(move || watch.run(&inbox, on_change))
        .context("starting the thread that watches for saved files")?;
    Ok(Watcher { stop })
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // If the thread is gone already, so much the better.
        let _ = self.stop.send(Message::Stop);
    }
}

struct Watch {
    roots: Vec<PathBuf>,
    /// None: poll.
    notifier: Option<Notifier>,
    safety_scan: Duration,
    /// What was there at the last look.
    seen: Snapshot,
}

impl Watch {
    fn run(mut self, inbox: &Receiver<Message>, mut on_change: impl FnMut(Vec<PathBuf>)) {
        loop {
            let pause = if self.notifier.is_some() { self.safety_scan } else { POLL };
            match inbox.recv_timeout(pause) {
                // A scan opens folders, which is notified: without this test it would cause the
                // next scan.
                Ok(Message::Look(paths))
                    if !paths.iter().any(|path| self.seen.differs_at(path)) =>
                {
                    continue;
                }
                Ok(Message::Look(_)) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
            let changed = self.look();
            if !changed.is_empty() {
                on_change(changed);
            }
        }
    }

    /// Takes stock, and returns the files that changed since the last time.
    fn look(&mut self) -> Vec<PathBuf> {
        let mut now = Snapshot::take(&self.roots);
        // What is put into a new folder before we are notified of it is found by another look.
        while self.follow(&now) {
            now = Snapshot::take(&self.roots);
        }
        let changed = now.files_changed_since(&self.seen);
        self.seen = now;
        changed
    }

    /// Has the system notify us of new folders. Returns whether there were any.
    fn follow(&mut self, now: &Snapshot) -> bool {
        let Some(notifier) = &mut self.notifier else {
            return false;
        };
        match notifier.follow(&self.roots, now) {
            Ok(found_new) => found_new,
            Err(error) => {
                note_polling(&error);
                self.notifier = None;
                true
            }
        }
    }
}

fn note_polling(error: &notify::Error) {
    complain(format_args!(
        "note: the system does not report saved files ({error}), so the tool looks for them twice a second"
    ));
}

/// The system's notifications, folder by folder: a recursive watch would take one for every
/// folder of target/.
struct Notifier {
    debouncer: Debouncer<RecommendedWatcher>,
    followed: HashSet<PathBuf>,
}

impl Notifier {
    fn new(sender: Sender<Message>) -> notify::Result<Self> {
        let debouncer = new_debouncer(DEBOUNCE, move |events: DebounceEventResult| {
            let paths = events.unwrap_or_default().into_iter().map(|event| event.path).collect();
            // It fails only when the watcher is gone, and the debouncer is about to be dropped.
            let _ = sender.send(Message::Look(paths));
        })?;
        Ok(Self { debouncer, followed: HashSet::new() })
    }

    fn follow(&mut self, roots: &[PathBuf], now: &Snapshot) -> notify::Result<bool> {
        let folders: HashSet<_> = now
            .folders()
            // Editors replace a file by another of its name, and only its folder is notified of that.
            .chain(roots.iter().filter(|root| !root.is_dir()).filter_map(|file| file.parent()))
            .map(PathBuf::from)
            .collect();
        // A folder that was removed and made again is another folder to the system.
        self.followed.retain(|folder| folders.contains(folder));
        let mut found_new = false;
        for folder in folders {
            if !self.followed.contains(&folder) {
                self.debouncer.watcher().watch(&folder, RecursiveMode::NonRecursive)?;
                self.followed.insert(folder);
                found_new = true;
            }
        }
        Ok(found_new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;
    use std::path::Path;

    /// Long enough that only notifications can be what wakes the watcher.
    const NEVER: Duration = Duration::from_secs(3600);

    fn watched(path: &Path, polled: bool) -> (Watcher, Receiver<Vec<PathBuf>>) {
        let (report, reports) = channel();
        let (sender, inbox) = channel();
        let notifier = if polled {
            Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch))
        } else {
            Notifier::new(sender.clone())
        };
        let paths = [path.to_owned()];
        let watcher = start(&paths, notifier, NEVER, (sender, inbox), move |paths| {
            report.send(paths).unwrap()
        });
        (watcher.unwrap(), reports)
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
        let (_watcher, reports) = watched(&book, false);
        for text in ["one", "three"] {
            std::fs::read(book.join("src/waker/page.md")).unwrap();
            workspace.write("book/src/start.md", text);
            assert_eq!(next(&reports), [book.join("src/start.md")]);
        }
    }

    #[test]
    fn new_folders_are_followed() {
        let workspace = Workspace::with_book();
        let book = workspace.path().join("book");
        let (_watcher, reports) = watched(&book, false);
        workspace.write("book/src/new/deep/page.md", "");
        assert_eq!(next(&reports), [book.join("src/new/deep/page.md")]);
        workspace.write("book/src/new/deep/page.md", "more");
        assert_eq!(next(&reports), [book.join("src/new/deep/page.md")]);
    }

    #[test]
    fn a_single_file_is_watched_through_its_replacement() {
        let workspace = Workspace::with_book();
        let file = workspace.path().join("book/book.toml");
        let (_watcher, reports) = watched(&file, false);
        for text in ["a", "bb"] {
            workspace.write("book/new", text);
            std::fs::rename(workspace.path().join("book/new"), &file).unwrap();
            assert_eq!(next(&reports), std::slice::from_ref(&file));
        }
    }

    #[test]
    fn without_notifications_files_are_polled() {
        let workspace = Workspace::with_book();
        let book = workspace.path().join("book");
        let (_watcher, reports) = watched(&book, true);
        workspace.write("book/src/start.md", "");
        assert_eq!(next(&reports), [book.join("src/start.md")]);
    }

    #[test]
    fn a_dropped_watcher_reports_no_more() {
        let workspace = Workspace::with_book();
        let (watcher, reports) = watched(&workspace.path().join("book"), false);
        drop(watcher);
        workspace.write("book/src/start.md", "");
        assert_eq!(reports.recv(), Err(std::sync::mpsc::RecvError));
    }

    #[test]
    fn a_missing_path_is_named() {
        let Err(error) = watch(&["no/such/path".into()], |_| {}) else {
            panic!("there is no such path")
        };
        assert!(error.to_string().starts_with("no/such/path does not exist"), "{error}");
    }
}
