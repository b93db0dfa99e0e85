//! The live site: the pages of the last build that went well, and the news that there is a
//! newer one.

use super::build::build;
use anyhow::anyhow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// A book that is rebuilt while it is read.
pub(crate) struct Site {
    workspace: PathBuf,
    /// Where the pages are built: two folders, by turns. Nobody else has our port, so nobody else
    /// has this folder.
    folder: PathBuf,
    state: Mutex<State>,
    /// Notified when the generation changes.
    changed: Condvar,
    /// Held during a build: two builds would empty one folder.
    building: Mutex<()>,
}

/// What a reader gets at this moment.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Grows whenever a reader would see something else.
    pub(crate) generation: u64,
    /// The pages of the last build that went well. None until there is one.
    pub(crate) pages: Option<PathBuf>,
    /// Why the last build failed. None when it went well.
    pub(crate) error: Option<String>,
}

const NO_PANIC: &str = "nothing panics while holding the state of the site";

impl Site {
    /// Builds WORKSPACE/book, to be served at `port`. A failure is kept in the state, and served as a page.
    pub(crate) fn open(workspace: &Path, port: u16) -> Self {
        // Starting at the clock, a page from an earlier run of the tool reloads as well.
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let generation = since_1970.as_millis() as u64;
        let site = Self {
            workspace: workspace.to_owned(),
            folder: workspace.join(format!("target/workshop/book/{port}")),
            state: Mutex::new(State { generation, pages: None, error: None }),
            changed: Condvar::new(),
            building: Mutex::new(()),
        };
        // The error is in the state, where all who show the site look.
        let _ = site.rebuild();
        site
    }

    /// Builds again. Readers see the new pages if that goes well, and else the old ones.
    ///
    /// # Errors
    /// Those of [`build`]; the state keeps their text.
    pub(crate) fn rebuild(&self) -> anyhow::Result<()> {
        let _one_at_a_time =
            self.building.lock().expect("a panic of a build is caught while holding it");
        let built = survive(|| build(&self.workspace, &self.unused_folder()));
        let mut state = self.lock();
        let error = built.as_ref().err().map(|error| format!("{error:#}"));
        // Without pages, the error is what readers see.
        let news = built.is_ok() || (state.pages.is_none() && state.error != error);
        state.error = error;
        if let Ok(pages) = &built {
            state.pages = Some(pages.clone());
        }
        if news {
            state.generation += 1;
            self.changed.notify_all();
        }
        built.map(drop)
    }

    /// A copy of what readers get now.
    pub(crate) fn state(&self) -> State {
        self.lock().clone()
    }

    /// Blocks until the generation is not `known`, or for `limit`, and returns it.
    pub(crate) fn wait_for_news(&self, known: u64, limit: Duration) -> u64 {
        let wait =
            self.changed.wait_timeout_while(self.lock(), limit, |state| state.generation == known);
        wait.expect(NO_PANIC).0.generation
    }

    /// Of two folders, the one that nobody reads: mdBook empties the folder it writes to.
    fn unused_folder(&self) -> PathBuf {
        let used = self.lock().pages.clone();
        let (a, b) = (self.folder.join("a"), self.folder.join("b"));
        if used.is_some_and(|used| used.starts_with(&a)) { b } else { a }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(NO_PANIC)
    }
}

/// Makes a panic of mdBook an error: who rebuilds on every save must live to see the next.
fn survive<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    // The state of the site is not locked during a build, and mdBook's own is dropped.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(anyhow!("mdBook panicked, with the message above: undo the last change to the book"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;
    use std::sync::Arc;
    use std::thread;

    #[test]
    fn a_rebuild_writes_to_the_folder_that_nobody_reads_and_keeps_the_last_good_pages() {
        let workspace = Workspace::with_book();
        let site = Site::open(workspace.path(), 0);
        let rebuilt = |page: &str| {
            workspace.write("book/src/start.md", page);
            (site.rebuild().is_ok(), site.state())
        };
        let first = site.state();
        let (_, second) = rebuilt("# New {#new}\n");
        assert_eq!(second.generation, first.generation + 1);
        let (built, failed) = rebuilt("# No id\n");
        assert!(!built && failed.error.unwrap().starts_with("book/src/start.md:1: "));
        assert_eq!((failed.generation, &failed.pages), (second.generation, &second.pages));
        for (state, is_new) in [(&first, false), (&second, true)] {
            let page = state.pages.as_ref().unwrap().join("start.html");
            assert_eq!(std::fs::read_to_string(page).unwrap().contains("id=\"new\""), is_new);
        }
        assert_eq!(rebuilt("# Id {#id}\n").1.error, None);
    }

    #[test]
    fn before_the_first_good_build_each_new_error_is_news() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/start.md", "# No id\n");
        let site = Site::open(workspace.path(), 0);
        let first = site.state();
        assert!(first.pages.is_none() && first.error.is_some());
        assert!(site.rebuild().is_err());
        assert_eq!(site.state().generation, first.generation);
        workspace.write("book/src/start.md", "# Another\n");
        assert!(site.rebuild().is_err());
        assert_eq!(site.state().generation, first.generation + 1);
    }

    #[test]
    fn a_panic_of_mdbook_is_an_error() {
        let error = survive(|| -> anyhow::Result<()> { panic!("on purpose") }).unwrap_err();
        assert!(error.to_string().starts_with("mdBook panicked"), "{error}");
    }

    #[test]
    fn waiting_ends_when_a_build_goes_well() {
        let workspace = Workspace::with_book();
        let site = Arc::new(Site::open(workspace.path(), 0));
        let known = site.state().generation;
        assert_eq!(site.wait_for_news(known - 1, Duration::MAX), known);
        assert_eq!(site.wait_for_news(known, Duration::ZERO), known);

        let waiting = site.clone();
        // A limit for a wait that hangs, not for a build that is slow.
        let woken = thread::spawn(move || waiting.wait_for_news(known, Duration::from_secs(600)));
        site.rebuild().unwrap();
        assert_eq!(woken.join().unwrap(), known + 1);
    }
}
