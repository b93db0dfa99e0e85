//! Where the book may be built: mdBook empties the folder first.

use anyhow::{Context, ensure};
use std::path::Path;

/// A file in each folder that a build has made, which says that the next one may empty it.
const MARK: &str = ".made-by-cargo-workshop";

/// Refuses a folder whose contents somebody may miss. What is below target/book never is.
///
/// # Errors
/// Something is in it that no build has made.
pub(crate) fn may_be_emptied(folder: &Path, root: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    ensure!(!folder.is_file(), "{shown} is a file: name a folder to build the book into");
    let is_empty = folder.read_dir().map_or(true, |mut entries| entries.next().is_none());
    // `..` and links hide what it is.
    let is_ours = folder.canonicalize().ok() == root.join("target/book").canonicalize().ok();
    ensure!(
        is_empty || is_ours || folder.join(MARK).exists(),
        "{shown} is not empty, and a build empties its folder: name a new folder, or remove this one \
         yourself"
    );
    Ok(())
}

/// Says in the folder that a build has made it. It may have stopped half-way.
///
/// # Errors
/// The folder cannot be written to.
pub(crate) fn mark(folder: &Path) -> anyhow::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    std::fs::write(folder.join(MARK), "cargo workshop book build empties this folder.\n")
        .with_context(|| format!("marking {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn a_folder_with_files_is_refused_unless_a_build_made_it() {
        let workspace = Workspace::with_book();
        let root = workspace.path();
        let refused = |folder: &str| match may_be_emptied(&root.join(folder), root) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        for file in ["clone/.git/HEAD", "target/book/index.html", "photos/a.jpg"] {
            workspace.write(file, "");
        }
        std::fs::create_dir(root.join("empty")).unwrap();
        for name in [".", "..", "/", "target/..", "book", "clone", "target/../clone", "photos"] {
            assert!(refused(name).contains("is not empty"), "{name}");
        }
        assert!(refused("photos/a.jpg").contains("is a file"));
        mark(&root.join("photos")).unwrap();
        for name in ["new/deep", "empty", "target/book", "target/../target/book", "photos"] {
            assert_eq!(refused(name), "", "{name}");
        }
    }
}
