//! What the learner looks at while working: the table of exercises and the last diagnosis,
//! renewed after every save.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use anyhow::Context;

use crate::book::{self, Site};
use crate::exercise::Exercise;
use crate::judge::{State, Verdict, judge};
use crate::report::{self, BAD, QUIET, STRONG, styled};
use crate::workspace::Workspace;

/// The state that is shown.
struct Dashboard {
    workspace: Workspace,
    /// One for each exercise, in order.
    verdicts: Vec<Verdict>,
    /// The exercise that was saved last.
    latest: Option<String>,
    /// The book, if it is served, and where.
    book: Option<(Arc<Site>, String)>,
    /// What kept us from judging.
    trouble: Option<String>,
}

/// Builds the book, serves it at `port` of 127.0.0.1, and shows the dashboard until the process
/// ends.
///
/// # Errors
/// The port is taken; files cannot be watched.
pub(crate) fn with_book(workspace: Workspace, port: u16) -> anyhow::Result<()> {
    let spinner = indicatif::ProgressBar::new_spinner().with_message("building the book");
    spinner.enable_steady_tick(std::time::Duration::from_millis(100));
    let site = Arc::new(Site::open(&workspace.root));
    spinner.finish_and_clear();
    let served = book::serve(site.clone(), port)?;
    let address = format!("http://{}", served.addr());
    // Before the first exercise is judged, which may take a while: the book can be read meanwhile.
    anstream::println!("The book is at {address}");
    show(workspace, Some((site, address)))
}

/// Builds and serves the book alone, and rebuilds it after each save, until the process ends.
///
/// # Errors
/// The port is taken; files cannot be watched.
pub(crate) fn book_only(workspace: &Workspace, port: u16) -> anyhow::Result<()> {
    let site = Arc::new(Site::open(&workspace.root));
    let tell = |site: &Site| {
        if let Some(error) = site.state().error {
            anstream::eprintln!("{}\n{error}", styled(BAD, "the book was not rebuilt:"));
        }
    };
    tell(&site);
    let served = book::serve(site.clone(), port)?;
    anstream::println!("The book is at http://{}", served.addr());
    let root = workspace.root.clone();
    let _watcher = book::watch(&[root], move |_| {
        // The error is in the site's state.
        let _ = site.rebuild();
        tell(&site);
    })?;
    loop {
        std::thread::park();
    }
}

/// Shows the dashboard without the book, until the process ends.
///
/// # Errors
/// Files cannot be watched.
pub(crate) fn without_book(workspace: Workspace) -> anyhow::Result<()> {
    show(workspace, None)
}

fn show(workspace: Workspace, book: Option<(Arc<Site>, String)>) -> anyhow::Result<()> {
    let (saved, saves) = mpsc::channel();
    let root = workspace.root.clone();
    // Before the first judgement: what is saved during it must not be missed.
    let _watcher = book::watch(&[root], move |paths| {
        // It fails only when we are about to end.
        let _ = saved.send(paths);
    })?;
    let mut dashboard =
        Dashboard { workspace, verdicts: Vec::new(), latest: None, book, trouble: None };
    dashboard.judge_all();
    dashboard.print();
    loop {
        let mut paths = saves.recv().context("nobody watches the files any more")?;
        // Several saves while an exercise was judged are one.
        paths.extend(saves.try_iter().flatten());
        if dashboard.update(&paths) {
            dashboard.print();
        }
    }
}

/// What a save touches.
#[derive(Debug, Default, PartialEq, Eq)]
struct Touched {
    /// Exercises by name.
    exercises: Vec<String>,
    /// Something that all exercises are built with.
    all: bool,
    /// Something that may stand in the book.
    book: bool,
}

impl Dashboard {
    /// Does what a save asks for. Returns whether anything is to be shown.
    fn update(&mut self, paths: &[PathBuf]) -> bool {
        let touched = touched(&self.workspace, paths);
        if touched.book
            && let Some((site, _)) = &self.book
        {
            // The error is in the site's state, which `print` shows.
            let _ = site.rebuild();
        }
        if touched.all {
            // New exercises, or an exercise.toml that can be read again.
            match Workspace::find(&self.workspace.root, self.workspace.limit) {
                Ok(workspace) => self.workspace = workspace,
                Err(error) => self.trouble = Some(format!("{error:#}")),
            }
            self.judge_all();
        } else {
            for name in &touched.exercises {
                self.judge_one(name);
            }
        }
        touched != Touched::default()
    }

    fn judge_all(&mut self) {
        let exercises: Vec<_> = self.workspace.exercises().collect();
        let progress = progress_bar(exercises.len(), "judging");
        let verdicts = judge(&self.workspace, &exercises, false, colour(), |_| progress.inc(1));
        progress.finish_and_clear();
        match verdicts {
            Ok(verdicts) => (self.verdicts, self.trouble) = (verdicts, None),
            Err(error) => self.trouble = Some(format!("{error:#}")),
        }
    }

    fn judge_one(&mut self, name: &str) {
        let Ok(exercise) = self.workspace.exercise(name) else { return };
        anstream::eprintln!("{}", styled(QUIET, format!("judging {name} …")));
        match judge(&self.workspace, &[exercise], false, colour(), |_| ()) {
            Ok(verdicts) => {
                self.trouble = None;
                self.latest = Some(name.to_owned());
                for verdict in verdicts {
                    match self.verdicts.iter_mut().find(|old| old.exercise == verdict.exercise) {
                        Some(old) => *old = verdict,
                        None => self.verdicts.push(verdict),
                    }
                }
            }
            Err(error) => self.trouble = Some(format!("{error:#}")),
        }
    }

    fn print(&self) {
        if std::io::stdout().is_terminal() {
            // Clears the screen and goes to its top (ECMA-48: ED, CUP).
            print!("\x1b[2J\x1b[3J\x1b[H");
        }
        anstream::println!("{}\n", styled(STRONG, "Async Rust from Scratch"));
        if let Some((site, address)) = &self.book {
            anstream::println!("book  {address}");
            if let Some(error) = site.state().error {
                anstream::println!("{}\n{error}", styled(BAD, "the book was not rebuilt:"));
            }
        }
        anstream::println!("\n{}", report::table(&self.workspace, &self.verdicts));
        if let Some(trouble) = &self.trouble {
            anstream::println!("{}", styled(BAD, trouble));
        } else if let Some(verdict) = self.to_show() {
            anstream::println!("{}", report::details(&self.workspace, verdict));
        }
        anstream::println!("{}", styled(QUIET, "Save a file to have it judged. Ctrl-C ends this."));
    }

    /// The exercise that was saved last; else the first that was begun and is not solved; else
    /// the next one.
    fn to_show(&self) -> Option<&Verdict> {
        let latest = |verdict: &&Verdict| Some(&verdict.exercise) == self.latest.as_ref();
        let begun =
            |verdict: &&Verdict| !matches!(verdict.state, State::Solved | State::NotStarted);
        let verdicts = || self.verdicts.iter();
        verdicts()
            .find(latest)
            .or_else(|| verdicts().find(begun))
            .or_else(|| verdicts().find(|verdict| verdict.state == State::NotStarted))
    }
}

/// Whether output goes to a terminal that shows colours.
pub(crate) fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// A progress bar on standard error; nothing where that is no terminal.
pub(crate) fn progress_bar(length: usize, what: &'static str) -> indicatif::ProgressBar {
    let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")
        .expect("the template is well formed");
    indicatif::ProgressBar::new(length as u64).with_style(style).with_message(what)
}

fn touched(workspace: &Workspace, paths: &[PathBuf]) -> Touched {
    let mut touched = Touched::default();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("exercise.before-reset") {
            continue;
        }
        let within = |exercise: &&Exercise| path.starts_with(&exercise.folder);
        match workspace.exercises().find(within) {
            Some(exercise) if name == "exercise.rs" => {
                touched.exercises.push(exercise.name.clone());
            }
            Some(_) => (touched.all, touched.book) = (true, true),
            None => {
                touched.book = true;
                let below = |folder: &str| path.starts_with(workspace.root.join(folder));
                let in_exercises = || {
                    workspace.stages.iter().any(|stage| below(&format!("{}/exercises", stage.name)))
                };
                touched.all |= below("testkit") || name == "Cargo.lock" || in_exercises();
            }
        }
    }
    touched.exercises.sort();
    touched.exercises.dedup();
    touched
}
