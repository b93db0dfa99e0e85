//! Where the book may be built: mdBook empties the folder first.

use anyhow::{Context, ensure};
use std::path::Path;

/// A file in each folder that a build has made, which says that the next one may empty it.
const MARK: &str = ".made-by-cargo-workshop";

/// What a folder with sources in it holds.
const SOURCES: [&str; 3] = [".git", "Cargo.toml", "book.toml"];

/// Refuses a folder whose contents somebody may miss. What is below target/book never is.
///
/// # Errors
/// It holds sources, or lies above the workspace; or something is in it that no build has made.
pub(crate) fn may_be_emptied(folder: &Path, root: &Path) -> anyhow::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let shown = folder.display();
    // `..` and links hide what it is.
    let folder = folder.canonicalize().with_context(|| shown.to_string())?;
    let root = root.canonicalize().with_context(|| root.display().to_string())?;
    ensure!(folder.is_dir(), "{shown} is a file: name a folder to build the book into");
    let sources =
        root.starts_with(&folder) || SOURCES.iter().any(|name| folder.join(name).exists());
    ensure!(
        !sources,
        "{shown} holds sources, and a build empties its folder: name a new folder, like target/book"
    );
    let is_empty = folder.read_dir().with_context(|| shown.to_string())?.next().is_none();
    ensure!(
        is_empty || folder.join(MARK).exists() || folder == root.join("target/book"),
        "{shown} is not empty, and no earlier build of the book made it: name a new folder, or \
         remove this one yourself"
    );
    Ok(())
}

/// Says in the folder that a build has made it. It may have stopped half-way.
///
/// # Errors
/// The folder cannot be written to.
pub(crate) fn mark(folder: &Path) -> anyhow::Result<()> {
    let file = folder.join(MARK);
    if !folder.exists() {
        return Ok(());
    }
    std::fs::write(&file, "cargo workshop book build empties this folder.\n")
        .with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    fn refused(workspace: &Workspace, folder: &str) -> Option<String> {
        let root = workspace.path();
        may_be_emptied(&root.join(folder), root).err().map(|error| error.to_string())
    }

    #[test]
    fn sources_are_refused_by_whatever_name() {
        let workspace = Workspace::with_book();
        workspace.write("clone/.git/HEAD", "");
        workspace.write("target/x", "");
        let mut names = vec![".", "..", "/", "target/..", "book", "clone", "target/../clone"];
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("..", workspace.path().join("target/link")).unwrap();
            names.push("target/link");
        }
        // Not even a folder that is marked.
        mark(workspace.path()).unwrap();
        mark(&workspace.path().join("clone")).unwrap();
        for name in names {
            let error = refused(&workspace, name).unwrap_or_else(|| panic!("{name} was accepted"));
            assert!(error.contains("holds sources"), "{name}: {error}");
        }
    }

    #[test]
    fn a_folder_with_files_is_refused_unless_a_build_made_it() {
        let workspace = Workspace::with_book();
        workspace.write("photos/a.jpg", "");
        workspace.write("book/theme/x", "");
        for name in ["photos", "book/src", "book/theme"] {
            assert!(refused(&workspace, name).unwrap().contains("is not empty"), "{name}");
        }
        assert!(refused(&workspace, "photos/a.jpg").unwrap().contains("is a file"));
        mark(&workspace.path().join("photos")).unwrap();
        assert_eq!(refused(&workspace, "photos"), None);
    }

    #[test]
    fn new_and_empty_folders_and_target_book_are_accepted() {
        let workspace = Workspace::with_book();
        workspace.write("target/book/index.html", "");
        std::fs::create_dir(workspace.path().join("empty")).unwrap();
        for name in ["new/deep", "empty", "target/book"] {
            assert_eq!(refused(&workspace, name), None, "{name}");
        }
    }
}
