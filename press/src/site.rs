//! The live site: the pages of the last build that went well, and what the dashboard knows of the
//! exercises.

use super::build::build;
use anyhow::anyhow;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::SystemTime;

/// A book that is rebuilt while it is read.
pub(crate) struct Site {
    workspace: PathBuf,
    /// Where the pages are built: two folders, by turns. Nobody else has our port, so nobody else
    /// has this folder.
    folder: PathBuf,
    /// Held while pages are built.
    building: Mutex<()>,
    state: Mutex<State>,
}

/// What a reader gets at this moment.
#[derive(Clone)]
pub(crate) struct State {
    /// Grows whenever a reader would see something else: pages of another one reload.
    pub(crate) generation: u64,
    /// The pages of the last build that went well. None until there is one.
    pub(crate) pages: Option<PathBuf>,
    /// Why the last build failed. None when it went well.
    pub(crate) error: Option<String>,
    /// What the page of progress shows, as JSON: what the dashboard said last.
    pub(crate) progress: String,
}

impl Site {
    /// The book of WORKSPACE, not built yet, to be served at `port`. If not `watching`, no exercise
    /// will be judged.
    pub(crate) fn new(workspace: &Path, port: u16, watching: bool) -> Self {
        // Starting at the clock, a page from an earlier run of the tool reloads as well.
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let progress = serde_json::json!({"watching": watching, "judging": [], "exercises": []});
        let state = State {
            generation: since_1970.as_millis() as u64,
            pages: None,
            error: None,
            progress: progress.to_string(),
        };
        Self {
            workspace: workspace.to_owned(),
            folder: workspace.join(format!("target/workshop/book/{port}")),
            building: Mutex::new(()),
            state: Mutex::new(state),
        }
    }

    /// Builds the book. Readers see the new pages if that goes well, and else the old ones; the state
    /// says why. Only one thread at a time does this; others wait.
    pub(crate) fn rebuild(&self) {
        let _one_at_a_time = self.building.lock().expect("building: no panic leaves a build");
        // Of two folders, the one that nobody reads: mdBook empties the folder it writes to.
        let (a, b) = (self.folder.join("a"), self.folder.join("b"));
        let is_read = self.state().pages.is_some_and(|pages| pages.starts_with(&a));
        let folder = if is_read { b } else { a };
        // Who rebuilds on every save must live to see the next.
        let built = catch_unwind(|| build(&self.workspace, &folder)).unwrap_or_else(|_| {
            Err(anyhow!("mdBook panicked, as said above: undo the last change to the book"))
        });
        let mut state = self.lock();
        state.error = built.as_ref().err().map(|error| format!("{error:#}"));
        state.pages = built.ok().or(state.pages.take());
        // Without pages, the error is what readers see.
        if state.error.is_none() || state.pages.is_none() {
            state.generation += 1;
        }
    }

    /// Takes what the dashboard says, as it says it.
    pub(crate) fn report(&self, progress: String) {
        self.lock().progress = progress;
    }

    /// A copy of what readers get now.
    pub(crate) fn state(&self) -> State {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while holding the state of the site")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn readers_keep_the_last_good_pages_while_others_are_built() {
        let workspace = Workspace::with_book();
        let site = Site::new(workspace.path(), 0, false);
        site.rebuild();
        let first = site.state();
        workspace.write("book/src/start.md", "# New {#new}\n");
        site.rebuild();
        let second = site.state();
        assert_eq!(second.generation, first.generation + 1);
        let is_new = |state: &State| {
            let page = state.pages.as_ref().unwrap().join("start.html");
            std::fs::read_to_string(page).unwrap().contains("id=\"new\"")
        };
        assert!(!is_new(&first) && is_new(&second));

        workspace.write("book/src/start.md", "# No id\n");
        site.rebuild();
        let third = site.state();
        assert_eq!((third.generation, &third.pages), (second.generation, &second.pages));
        assert!(third.error.unwrap().starts_with("book/src/start.md:1: "));
        assert!(is_new(&second));
    }
}
