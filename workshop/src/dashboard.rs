//! What the learner looks at while working: the table of exercises and the last diagnosis,
//! renewed after every save.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Context;

use crate::book::{self, Progress, Report, Site};
use crate::exercise::Exercise;
use crate::judge::{self, State, Verdict};
use crate::report::{self, BAD, QUIET, STRONG, styled};
use crate::touched::{Touched, touched};
use crate::workspace::Workspace;

/// The state that is shown.
struct Dashboard {
    workspace: Workspace,
    /// One for each exercise, in order.
    verdicts: Vec<Verdict>,
    /// The exercise that was saved last.
    latest: Option<String>,
    /// The book, if it is served.
    book: Option<Book>,
    /// What kept us from judging.
    trouble: Option<String>,
}

/// The book as it is served.
struct Book {
    site: Arc<Site>,
    /// What the page of progress shows.
    progress: Arc<Progress>,
    /// Where: `http://127.0.0.1:3000`.
    address: String,
}

/// Builds the book, serves it at `port` of 127.0.0.1, and shows the dashboard until the process
/// ends.
///
/// # Errors
/// The port is taken; files cannot be watched.
pub(crate) fn with_book(workspace: Workspace, port: u16) -> anyhow::Result<()> {
    let book = serve_book(&workspace, port, true)?;
    // Before the first exercise is judged, which may take a while: the book can be read meanwhile.
    anstream::println!("The book is at {}", book.address);
    show(workspace, Some(book))
}

/// Builds and serves the book alone, and rebuilds it after each save, until the process ends.
///
/// # Errors
/// The port is taken; files cannot be watched.
pub(crate) fn book_only(workspace: &Workspace, port: u16) -> anyhow::Result<()> {
    let Book { site, address, .. } = serve_book(workspace, port, false)?;
    let tell = |site: &Site| {
        if let Some(error) = site.state().error {
            anstream::eprintln!("{}\n{error}", styled(BAD, "the book was not rebuilt:"));
        }
    };
    tell(&site);
    let root = workspace.root.clone();
    let _watcher = book::watch(&[root], move |_| {
        // The error is in the site's state.
        let _ = site.rebuild();
        tell(&site);
    })?;
    // Not before: who is told may save at once, and that must not be missed.
    anstream::println!("The book is at {address}");
    loop {
        thread::park();
    }
}

/// Takes the port before anything is built: pages are built into a folder of the port's own, so two
/// of these tools do not disturb each other.
///
/// The page of progress says whether the exercises are watched as well.
fn serve_book(workspace: &Workspace, port: u16, watching: bool) -> anyhow::Result<Book> {
    let listener = book::bind(port)?;
    let address = listener.local_addr().context("the address of the book")?;
    let spinner = spinner("building the book");
    let site = Arc::new(Site::open(&workspace.root, address.port()));
    spinner.finish_and_clear();
    let progress = Arc::new(Progress::new(watching));
    book::serve(listener, site.clone(), progress.clone())?;
    Ok(Book { site, progress, address: format!("http://{address}") })
}

/// Shows the dashboard without the book, until the process ends.
///
/// # Errors
/// Files cannot be watched.
pub(crate) fn without_book(workspace: Workspace) -> anyhow::Result<()> {
    show(workspace, None)
}

fn show(workspace: Workspace, book: Option<Book>) -> anyhow::Result<()> {
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

impl Dashboard {
    /// Does what a save asks for. Returns whether anything is to be shown.
    fn update(&mut self, paths: &[PathBuf]) -> bool {
        let touched = touched(&self.workspace, paths);
        let rebuilding = match &self.book {
            // On a thread of its own: an exercise may take long to judge, and a reader should not wait
            // for it. The error is in the site's state, which `print` shows.
            Some(book) if touched.book => {
                let site = book.site.clone();
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
                Err(error) => {
                    self.trouble = Some(format!("{error:#}"));
                    self.report();
                }
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
        self.tell_judging(&exercises);
        match judge_with_progress(&self.workspace, &exercises, false, colour()) {
            Ok(verdicts) => (self.verdicts, self.trouble) = (verdicts, None),
            Err(error) => self.trouble = Some(format!("{error:#}")),
        }
        self.report();
    }

    fn judge_one(&mut self, id: &str) {
        let Ok(exercise) = self.workspace.exercise(id) else { return };
        self.tell_judging(&[exercise]);
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
        self.report();
    }

    /// Tells the page of progress what it will be told of.
    fn tell_judging(&self, exercises: &[&Exercise]) {
        if let Some(book) = &self.book {
            book.progress.judging(exercises.iter().map(|exercise| exercise.id()).collect());
        }
    }

    /// Tells the page of progress what is known now.
    fn report(&self) {
        if let Some(book) = &self.book {
            let report = Report::new(&self.verdicts, self.to_show(), self.trouble.as_deref());
            book.progress.report(report);
        }
    }

    fn print(&self) {
        if std::io::stdout().is_terminal() {
            // Clears the screen and goes to its top (ECMA-48: ED, CUP).
            anstream::print!("\x1b[2J\x1b[H");
        }
        anstream::println!("{}\n", styled(STRONG, "Async Rust from Scratch"));
        if let Some(book) = &self.book {
            anstream::println!("book  {}", book.address);
            if let Some(error) = book.site.state().error {
                anstream::println!("{}\n{error}", styled(BAD, "the book was not rebuilt:"));
            }
        }
        anstream::println!("\n{}", report::table(&self.workspace, &self.verdicts));
        if let Some(trouble) = &self.trouble {
            anstream::println!("{}", styled(BAD, trouble));
        } else if let Some(verdict) = self.to_show() {
            let address = self.book.as_ref().map(|book| book.address.as_str());
            anstream::println!("{}", report::details(&self.workspace, verdict, address));
            if verdict.state == State::Solved
                && let Some(next) = judge::next(&self.verdicts)
                && let Ok(exercise) = self.workspace.exercise(&next.id())
            {
                let name = self.workspace.spoken(exercise);
                let file = self.workspace.shown(&next.file);
                anstream::println!("next  {name}, {}\n      {file}\n", next.title);
            }
        }
        anstream::println!("{}", styled(QUIET, "Save a file to have it judged. Ctrl-C ends this."));
    }

    /// The exercise that was saved last; else the first that was begun and is not solved; else
    /// what comes next.
    fn to_show(&self) -> Option<&Verdict> {
        let latest = |verdict: &&Verdict| Some(verdict.id()) == self.latest;
        let begun =
            |verdict: &&Verdict| !matches!(verdict.state, State::Solved | State::NotStarted);
        let verdicts = || self.verdicts.iter();
        verdicts()
            .find(latest)
            .or_else(|| verdicts().find(begun))
            .or_else(|| judge::next(&self.verdicts))
    }
}

/// Whether output goes to a terminal that shows colours.
pub(crate) fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Judges, and shows on standard error what is going on.
///
/// # Errors
/// Those of [`judge::judge`].
pub(crate) fn judge_with_progress(
    workspace: &Workspace,
    exercises: &[&Exercise],
    even_untouched: bool,
    colour: bool,
) -> anyhow::Result<Vec<Verdict>> {
    // cargo may compile for a while, or wait for another cargo: a spinner, until something is done.
    let progress = spinner("building and running");
    let verdicts = judge::judge(workspace, exercises, even_untouched, colour, || progress.tick());
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
