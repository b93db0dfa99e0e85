//! What a save touches: some exercises, or all of them.

use std::path::PathBuf;

use crate::exercise::Exercise;
use crate::workspace::Workspace;

/// What a save touches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Exercises by stage and name.
    pub(crate) exercises: Vec<String>,
    /// The exercise of which a file was saved last.
    pub(crate) latest: Option<String>,
    /// Something that all exercises are built with.
    pub(crate) all: bool,
}

/// Sorts the files that were saved.
pub(crate) fn touched(workspace: &Workspace, paths: &[PathBuf]) -> Touched {
    let mut touched = Touched::default();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("exercise.before-reset") {
            continue;
        }
        let within = |exercise: &&Exercise| path.starts_with(&exercise.folder);
        match workspace.exercises().find(within) {
            Some(exercise) if name == "exercise.rs" => {
                touched.exercises.push(exercise.id());
            }
            Some(exercise) => {
                touched.latest = Some(exercise.id());
                touched.all = true;
            }
            None => {
                let below = |folder: &str| path.starts_with(workspace.root.join(folder));
                let in_exercises = || {
                    workspace.stages.iter().any(|stage| below(&format!("{}/exercises", stage.name)))
                };
                let at_root = path.parent() == Some(&workspace.root);
                let manifest = at_root && (name == "Cargo.toml" || name == "Cargo.lock");
                touched.all |= below("testkit") || manifest || in_exercises();
            }
        }
    }
    touched.exercises.sort();
    touched.exercises.dedup();
    touched
}
