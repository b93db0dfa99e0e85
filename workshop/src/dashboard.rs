//! What the learner looks at while working: the table of exercises and the last diagnosis,
//! renewed after every save.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context;

use crate::exercise::Exercise;
use crate::judge::{self, State, Verdict};
use crate::press::{News, Press, Served};
use crate::progress::Report;
use crate::report;
use crate::terminal::{BAD, QUIET, STRONG, styled};
use crate::touched::{Touched, touched};
use crate::watch::watch;
use crate::workspace::Workspace;

/// The state that is shown.
struct Dashboard {
    workspace: Workspace,
    /// One for each exercise, in order.
    verdicts: Vec<Verdict>,
    /// The exercise that was saved last.
    latest: Option<String>,
    /// What makes the book, if it is to be served.
    press: Option<Press>,
    /// What became of the book, once it is known.
    book: Option<News>,
    /// What kept us from judging.
    trouble: Option<String>,
}

/// What changes the dashboard.
enum Event {
    Saved(Vec<PathBuf>),
    Book(News),
}

/// Judges, has the book served at `port` of 127.0.0.1, or not served without one, and shows the
/// dashboard until the process ends.
///
/// # Errors
/// Files cannot be watched.
pub(crate) fn show(workspace: Workspace, port: Option<u16>) -> anyhow::Result<()> {
    let (sender, events) = mpsc::channel();
    let root = workspace.root.clone();
    let saved = sender.clone();
    // Before the first judgement: what is saved during it must not be missed.
    let _watcher = watch(std::slice::from_ref(&root), move |paths| {
        // It fails only when we are about to end.
        let _ = saved.send(Event::Saved(paths));
    })?;
    let news = move |news| drop(sender.send(Event::Book(news)));
    let press = port.map(|port| Press::start(&root, port, news)).transpose()?;
    let mut dashboard = Dashboard {
        workspace,
        verdicts: Vec::new(),
        latest: None,
        press,
        book: None,
        trouble: None,
    };
    dashboard.judge_all();
    dashboard.release();
    dashboard.print();
    loop {
        let first = events.recv().context("nobody watches the files any more")?;
        // Several saves while an exercise was judged are one.
        let mut paths = Vec::new();
        let mut changed = false;
        for event in std::iter::once(first).chain(events.try_iter()) {
            match event {
                Event::Saved(saved) => paths.extend(saved),
                Event::Book(news) => (dashboard.book, changed) = (Some(news), true),
            }
        }
        if dashboard.update(&paths) || changed {
            dashboard.print();
        }
    }
}

impl Dashboard {
    /// Does what a save asks for. Returns whether anything is to be shown.
    fn update(&mut self, paths: &[PathBuf]) -> bool {
        let touched = touched(&self.workspace, paths);
        if touched == Touched::default() {
            return false;
        }
        if let Some(press) = &self.press {
            press.hold();
        }
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
        self.release();
        true
    }

    /// Nothing is judged now: press may be built.
    fn release(&self) {
        if let Some(press) = &self.press {
            press.release();
        }
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

    /// Tells the page of progress that these exercises are being judged.
    fn tell_judging(&self, exercises: &[&Exercise]) {
        self.tell(exercises.iter().map(|exercise| exercise.id()).collect());
    }

    /// Tells the page of progress what is known now.
    fn report(&self) {
        self.tell(Vec::new());
    }

    fn tell(&self, judging: Vec<String>) {
        if let Some(press) = &self.press {
            let shown = self.to_show();
            let report = Report::new(&self.verdicts, judging, shown, self.trouble.as_deref());
            press.report(report.to_json());
        }
    }

    fn print(&self) {
        if std::io::stdout().is_terminal() {
            // Clears the screen and goes to its top (ECMA-48: ED, CUP).
            anstream::print!("\x1b[2J\x1b[H");
        }
        anstream::println!("{}\n", styled(STRONG, "Async Rust from Scratch"));
        match &self.book {
            Some(News::Served(Served { address, error })) => {
                anstream::println!("The book is at {address}");
                if let Some(error) = error {
                    anstream::println!("{}\n{error}", styled(BAD, "the book was not rebuilt:"));
                }
            }
            Some(News::Gone(why)) => {
                anstream::println!("{} {why}", styled(BAD, "the book is not served:"));
            }
            None if self.press.is_some() => {
                anstream::println!("{}", styled(QUIET, "The book is being built."));
            }
            None => {}
        }
        let stage = self.to_show().map(|verdict| verdict.stage.as_str());
        anstream::println!("\n{}", report::table(&self.workspace, &self.verdicts, stage));
        if let Some(trouble) = &self.trouble {
            anstream::println!("{}", styled(BAD, trouble));
        } else if let Some(verdict) = self.to_show() {
            let address = match &self.book {
                Some(News::Served(served)) => Some(served.address.as_str()),
                _ => None,
            };
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
