//! What a save touches.

use std::path::{Path, PathBuf};

use crate::workspace::Workspace;

/// What a save touches.
#[derive(Default)]
pub(crate) struct Touched {
    /// Exercises of which a file was saved, by stage and name.
    pub(crate) exercises: Vec<String>,
    /// Whether more was saved than answers.
    pub(crate) all: bool,
}

/// Sorts the files that were saved. The exercise that was saved last comes last.
pub(crate) fn touched(workspace: &Workspace, paths: &[PathBuf]) -> Touched {
    let mut touched = Touched::default();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("exercise.before-reset") {
            continue;
        }
        if let Some(exercise) = workspace.exercises().find(|e| path.starts_with(&e.folder)) {
            touched.exercises.retain(|other| *other != exercise.id());
            touched.exercises.push(exercise.id());
            touched.all |= name != "exercise.rs";
        } else {
            let path = path.strip_prefix(&workspace.root).unwrap_or(path);
            touched.all |= path.starts_with("testkit")
                || path.iter().nth(1).is_some_and(|folder| folder == "exercises")
                || [Path::new("Cargo.toml"), Path::new("Cargo.lock")].contains(&path);
        }
    }
    touched
}
