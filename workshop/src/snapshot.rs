//! What a set of files looked like at one moment, to tell a save from a look.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files and folders below some roots, with what changes when they are written.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Snapshot(BTreeMap<PathBuf, Stamp>);

#[derive(Debug, PartialEq, Clone, Copy)]
struct Stamp {
    /// None where the file system keeps no times.
    modified: Option<SystemTime>,
    length: u64,
    is_folder: bool,
}

impl Snapshot {
    /// Looks at the roots, which are files or folders, and at all below them that is not
    /// ignored.
    pub(super) fn take(roots: &[PathBuf]) -> Self {
        let mut snapshot = Self::default();
        for root in roots {
            snapshot.add(root.clone());
        }
        snapshot
    }

    /// Whether `path` is not as it was. Looking at one path costs little, and causes no events.
    pub(super) fn differs_at(&self, path: &Path) -> bool {
        !is_ignored(path) && self.0.get(path).copied() != Stamp::of(path)
    }

    /// Files that were added, removed or written since `earlier`.
    pub(super) fn files_changed_since(&self, earlier: &Self) -> Vec<PathBuf> {
        let here = self.0.iter().filter(|(path, stamp)| earlier.0.get(*path) != Some(stamp));
        let gone = earlier.0.iter().filter(|(path, _)| !self.0.contains_key(*path));
        here.chain(gone)
            .filter(|(_, stamp)| !stamp.is_folder)
            .map(|(path, _)| path.clone())
            .collect()
    }

    fn add(&mut self, path: PathBuf) {
        let Some(stamp) = Stamp::of(&path) else {
            return;
        };
        // Links to folders are not followed: one to its own parent would never end.
        if stamp.is_folder && !path.is_symlink() {
            for entry in path.read_dir().into_iter().flatten().flatten() {
                if !is_ignored(&entry.path()) {
                    self.add(entry.path());
                }
            }
        }
        self.0.insert(path, stamp);
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        let is_folder = metadata.is_dir();
        // The length of a folder means nothing that its time does not.
        let length = if is_folder { 0 } else { metadata.len() };
        Some(Self { modified: metadata.modified().ok(), length, is_folder })
    }
}

/// Build output, hidden files, and what editors write beside the file that is being edited.
pub(super) fn is_ignored(path: &Path) -> bool {
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

    fn names(paths: Vec<PathBuf>) -> Vec<String> {
        paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn added_removed_and_written_files_are_changes() {
        let workspace = Workspace::empty();
        let root = [workspace.path().join("book")];
        workspace.write("book/a/kept.md", "");
        workspace.write("book/a/removed.md", "");
        workspace.write("book/written.md", "");
        let before = Snapshot::take(&root);
        assert_eq!(before, Snapshot::take(&root));
        workspace.write("book/new/added.md", "");
        // Of the same length, at another time.
        let file = std::fs::File::options().write(true).open(root[0].join("written.md")).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        std::fs::remove_file(root[0].join("a/removed.md")).unwrap();
        assert!(
            before.differs_at(&root[0].join("written.md"))
                && before.differs_at(&root[0].join("a/removed.md"))
        );
        assert!(!before.differs_at(&root[0].join("a/kept.md")));
        let after = Snapshot::take(&root);
        assert_eq!(
            names(after.files_changed_since(&before)),
            ["added.md", "written.md", "removed.md"]
        );
    }

    #[test]
    fn build_output_hidden_and_editor_files_are_ignored() {
        let workspace = Workspace::empty();
        let root = [workspace.path().join("book")];
        workspace.write("book/a.md", "");
        let before = Snapshot::take(&root);
        for name in ["target/x", ".git/x", ".a.md.swp", "a.md~", "4913", "#a.md#", "a.swp"] {
            workspace.write(&format!("book/{name}"), "");
            assert!(!before.differs_at(&root[0].join(name.split('/').next().unwrap())), "{name}");
        }
        assert_eq!(names(Snapshot::take(&root).files_changed_since(&before)), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_folder_above_ends() {
        let workspace = Workspace::empty();
        workspace.write("book/a.md", "");
        std::os::unix::fs::symlink("..", workspace.path().join("book/up")).unwrap();
        assert_eq!(Snapshot::take(&[workspace.path().join("book")]).0.len(), 3);
    }
}
