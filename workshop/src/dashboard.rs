//! What the learner looks at while working: the table of exercises and the last diagnosis,
//! renewed after every save.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

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
    let (site, address) = serve_book(&workspace, port)?;
    // Before the first exercise is judged, which may take a while: the book can be read meanwhile.
    anstream::println!("The book is at {address}");
    show(workspace, Some((site, address)))
}

/// Builds and serves the book alone, and rebuilds it after each save, until the process ends.
///
/// # Errors
/// The port is taken; files cannot be watched.
pub(crate) fn book_only(workspace: &Workspace, port: u16) -> anyhow::Result<()> {
    let (site, address) = serve_book(workspace, port)?;
    let tell = |site: &Site| {
        if let Some(error) = site.state().error {
            anstream::eprintln!("{}\n{error}", styled(BAD, "the book was not rebuilt:"));
        }
    };
    tell(&site);
    anstream::println!("The book is at {address}");
    let root = workspace.root.clone();
    let _watcher = book::watch(&[root], move |_| {
        // The error is in the site's state.
        let _ = site.rebuild();
        tell(&site);
    })?;
    loop {
        thread::park();
    }
}

/// Takes the port before anything is built: pages are built into a folder of the port's own, so two
/// of these tools do not disturb each other.
fn serve_book(workspace: &Workspace, port: u16) -> anyhow::Result<(Arc<Site>, String)> {
    let listener = book::bind(port)?;
    let address = listener.local_addr().context("the address of the book")?;
    let spinner = spinner("building the book");
    let site = Arc::new(Site::open(&workspace.root, address.port()));
    spinner.finish_and_clear();
    book::serve(listener, site.clone())?;
    Ok((site, format!("http://{address}")))
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
    /// Exercises by stage and name.
    exercises: Vec<String>,
    /// The exercise of which a file was saved last.
    latest: Option<String>,
    /// Something that all exercises are built with.
    all: bool,
    /// Something that may stand in the book.
    book: bool,
}

impl Dashboard {
    /// Does what a save asks for. Returns whether anything is to be shown.
    fn update(&mut self, paths: &[PathBuf]) -> bool {
        let touched = touched(&self.workspace, paths);
        let rebuilding = match &self.book {
            // On a thread of its own: an exercise may take long to judge, and a reader should not wait
            // for it. The error is in the site's state, which `print` shows.
            Some((site, _)) if touched.book => {
                let site = site.clone();
                Some(thread::spawn(move || drop(site.rebuild())))
            }
            _ => None,
        };
        if touched.all {
            // New exercises, or an exercise.toml that can be read again.
            match Workspace::find(&self.workspace.root, self.workspace.limit) {
                Ok(workspace) => {
                    self.workspace = workspace;
                    self.latest = touched.latest.clone().or(self.latest.take());
                    self.judge_all();
                }
                Err(error) => self.trouble = Some(format!("{error:#}")),
            }
        } else {
            for name in &touched.exercises {
                self.judge_one(name);
            }
        }
        if let Some(rebuilding) = rebuilding {
            // A panic of the build is caught in `Site`.
            let _ = rebuilding.join();
        }
        touched != Touched::default()
    }

    fn judge_all(&mut self) {
        let exercises: Vec<_> = self.workspace.exercises().collect();
        match judge_with_progress(&self.workspace, &exercises, false, colour()) {
            Ok(verdicts) => (self.verdicts, self.trouble) = (verdicts, None),
            Err(error) => self.trouble = Some(format!("{error:#}")),
        }
    }

    fn judge_one(&mut self, id: &str) {
        let Ok(exercise) = self.workspace.exercise(id) else { return };
        match judge_with_progress(&self.workspace, &[exercise], false, colour()) {
            Ok(verdicts) => {
                self.trouble = None;
                self.latest = Some(id.to_owned());
                for verdict in verdicts {
                    match self.verdicts.iter_mut().find(|old| old.id() == verdict.id()) {
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
            anstream::print!("\x1b[2J\x1b[H");
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
            let address = self.book.as_ref().map(|(_, address)| address.as_str());
            anstream::println!("{}", report::details(&self.workspace, verdict, address));
            // What comes after it in the book; else what was left out before it.
            let later = self.verdicts.iter().skip_while(|later| later.id() != verdict.id());
            let next = later.chain(&self.verdicts).find(|next| next.state != State::Solved);
            if verdict.state == State::Solved
                && let Some(next) = next
            {
                let file = self.workspace.shown(&next.file);
                anstream::println!("next  {}, {}\n      {file}\n", next.exercise, next.title);
            }
        }
        anstream::println!("{}", styled(QUIET, "Save a file to have it judged. Ctrl-C ends this."));
    }

    /// The exercise that was saved last; else the first that was begun and is not solved; else
    /// the next one.
    fn to_show(&self) -> Option<&Verdict> {
        let latest = |verdict: &&Verdict| Some(verdict.id()) == self.latest;
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

/// Judges, and shows on standard error what is going on.
///
/// # Errors
/// Those of [`judge`].
pub(crate) fn judge_with_progress(
    workspace: &Workspace,
    exercises: &[&Exercise],
    even_untouched: bool,
    colour: bool,
) -> anyhow::Result<Vec<Verdict>> {
    // cargo may compile for a while, or wait for another cargo: a spinner, until something is done.
    let progress = spinner("building and running");
    let verdicts = judge(workspace, exercises, even_untouched, colour, || progress.tick());
    progress.finish_and_clear();
    verdicts
}

/// Shows on standard error that something goes on; nothing where that is no terminal.
fn spinner(what: &'static str) -> indicatif::ProgressBar {
    let spinner = indicatif::ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
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
                touched.exercises.push(exercise.id());
            }
            Some(exercise) => {
                touched.latest = Some(exercise.id());
                (touched.all, touched.book) = (true, true);
            }
            None => {
                touched.book = true;
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
