//! A folder with a few files, removed when dropped.

use std::path::Path;
use tempfile::TempDir;

pub(crate) struct Workspace(TempDir);

impl Workspace {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().expect("the system's folder for temporary files is writable"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let file = self.path().join(file);
        let folder = file.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("the temporary folder is writable");
        std::fs::write(file, text).expect("the temporary folder is writable");
    }
}
