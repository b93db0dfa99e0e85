//! What the learner looks at while working: judges after every save, does what keys ask for, and shows
//! the result.

use std::path::PathBuf;
use std::sync::mpsc;

use anyhow::Context;

use crate::commands;
use crate::event::Event;
use crate::exercise::Exercise;
use crate::judge::{self, State, Verdict};
use crate::own_target::say_waiting;
use crate::press::{News, Press};
use crate::terminal::{clear, colour, is_screen, say_as_it_is, size};
use crate::touched::{Touched, touched};
use crate::watch::watch;
use crate::workspace::Workspace;

const JUDGING: &str = "Building and judging. Keys other than q wait until it is done.";

const WAITING: &str = "Waiting for another cargo in this folder.";

/// The state that is shown.
pub(crate) struct Dashboard {
    pub(crate) workspace: Workspace,
    /// One for each exercise, in order.
    pub(crate) verdicts: Vec<Verdict>,
    /// The exercise that was saved last, or chosen by a key since.
    pub(crate) current: Option<String>,
    /// What makes the book, if it is to be served.
    pub(crate) press: Option<Press>,
    /// What became of the book, once something has.
    pub(crate) book: Option<News>,
    /// What kept us from judging.
    pub(crate) trouble: Option<String>,
    /// Whether keys are read.
    pub(crate) keys: bool,
    /// The hints of the exercise that is shown, once one was asked for.
    pub(crate) hints: Vec<String>,
    /// Which of them is shown, counted from 1; 0 for none.
    pub(crate) hint: usize,
    /// Whether all exercises are listed.
    pub(crate) list: bool,
    /// How often the next part was asked for of what does not fit.
    pub(crate) page: usize,
    /// Whether the learner is asked if the exercise shall be reset.
    pub(crate) asks: bool,
    /// What a key has done.
    pub(crate) note: Option<String>,
}

/// Judges, has the book served at `port` of 127.0.0.1, or not served without one, and shows the
/// dashboard until the process ends.
pub(crate) fn show(workspace: Workspace, port: Option<u16>) -> anyhow::Result<()> {
    let (sender, events) = mpsc::channel();
    // Sending fails only when we are about to end.
    let send = move |event| drop(sender.send(event));
    let (saved, news) = (send.clone(), send.clone());
    // Before the first judgement: what is saved during it must not be missed.
    let _watcher = watch(&workspace.root, move |paths| saved(Event::Saved(paths)))?;
    let news = move |event| news(Event::Book(event));
    let press = port.map(|port| Press::start(&workspace.root, port, news)).transpose()?;
    #[cfg(unix)]
    let keys = crate::keys::Keys::read(send)?;
    #[cfg(not(unix))]
    let keys = None::<()>;
    let mut dashboard = Dashboard::new(workspace, press, keys.is_some());
    dashboard.judge(None);
    dashboard.draw(None);
    loop {
        let first = events.recv().context("nothing watches the files any more")?;
        // Several saves while an exercise was judged are one.
        let mut paths = Vec::new();
        let mut changed = false;
        for event in std::iter::once(first).chain(events.try_iter()) {
            changed |= !matches!(event, Event::Saved(_));
            match event {
                Event::Saved(saved) => paths.extend(saved),
                Event::Book(news) => dashboard.book = Some(news),
                Event::Key(key) => dashboard.key(key),
                Event::Redraw => {}
            }
        }
        if dashboard.update(&paths) || changed {
            dashboard.draw(None);
        }
    }
}

impl Dashboard {
    pub(crate) fn new(workspace: Workspace, press: Option<Press>, keys: bool) -> Self {
        Self {
            workspace,
            verdicts: Vec::new(),
            current: None,
            press,
            book: None,
            trouble: None,
            keys,
            hints: Vec::new(),
            hint: 0,
            list: false,
            page: 0,
            asks: false,
            note: None,
        }
    }

    /// Does what a save asks for. Returns whether anything is to be shown.
    fn update(&mut self, paths: &[PathBuf]) -> bool {
        let Touched { exercises, all } = touched(&self.workspace, paths);
        // Any save may be the repair.
        let all = all || self.trouble.is_some() && !paths.is_empty();
        if let Some(last) = exercises.last() {
            self.turn_to(Some(last.clone()));
        }
        if all {
            // New exercises, or an exercise.toml that can be read again.
            match Workspace::find(&self.workspace.root, self.workspace.limit) {
                Ok(workspace) => {
                    self.workspace = workspace;
                    self.judge(None);
                }
                Err(error) => self.trouble = Some(format!("{error:#}")),
            }
        } else if !exercises.is_empty() {
            self.judge(Some(&exercises));
            // That it is the starter again is no longer so.
            if self.to_show().is_some_and(|verdict| verdict.state != State::NotStarted) {
                self.note = None;
            }
        }
        all || !exercises.is_empty()
    }

    /// Does what a key asks for.
    pub(crate) fn key(&mut self, key: char) {
        self.note = None;
        if std::mem::take(&mut self.asks) {
            if key == 'y' {
                self.reset();
            }
            return;
        }
        let page = std::mem::take(&mut self.page);
        match key {
            ' ' => self.page = page + 1,
            'h' => self.next_hint(),
            'n' => match self.after_this().map(Verdict::id) {
                Some(next) => self.turn_to(Some(next)),
                None => self.note = Some("No other exercise is left to solve.".to_owned()),
            },
            'c' => {
                self.judge(None);
                self.list = true;
            }
            'l' => self.list = !self.list,
            'r' => {
                self.turn_to(self.to_show().map(Verdict::id));
                self.asks = self.current.is_some();
            }
            _ => self.page = page,
        }
    }

    /// Shows another exercise, or the result of another look at this one.
    fn turn_to(&mut self, exercise: Option<String>) {
        self.current = exercise;
        (self.hint, self.list, self.page, self.asks) = (0, false, 0, false);
    }

    /// Shows the next hint; after the last, none.
    fn next_hint(&mut self) {
        self.list = false;
        let shown = self.to_show().map(Verdict::id);
        let Some(Ok(exercise)) = shown.map(|id| self.workspace.exercise(&id)) else { return };
        match commands::hints(exercise) {
            Ok(hints) => {
                self.hint = (self.hint + 1) % (hints.len() + 1);
                self.hints = hints;
            }
            Err(error) => self.note = Some(format!("{error:#}")),
        }
    }

    /// Puts the starter of the current exercise back. Its new verdict comes with the save.
    fn reset(&mut self) {
        let current = self.current.as_deref().unwrap_or_default();
        let Ok(exercise) = self.workspace.exercise(current) else { return };
        let done = commands::reset(&self.workspace, exercise);
        self.note = Some(done.unwrap_or_else(|error| format!("{error:#}")));
    }

    /// Judges these exercises, or all that were begun.
    fn judge(&mut self, only: Option<&[String]>) {
        let is_meant = |exercise: &&Exercise| only.is_none_or(|only| only.contains(&exercise.id()));
        let exercises: Vec<_> = self.workspace.exercises().filter(is_meant).collect();
        self.report(&exercises.iter().map(|exercise| exercise.id()).collect::<Vec<_>>());
        let waiting = |waits| match is_screen() {
            true => self.draw(Some(if waits { WAITING } else { JUDGING })),
            false => say_waiting(waits),
        };
        waiting(false);
        let verdicts = judge::judge(&self.workspace, &exercises, false, colour(), &waiting);
        match verdicts {
            Ok(verdicts) => {
                self.trouble = None;
                if only.is_none() {
                    self.verdicts.clear();
                }
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

    /// Shows it, while we are busy with something; or are not, which the page of progress is told, too.
    fn draw(&self, busy: Option<&str>) {
        if busy.is_none() {
            self.report(&[]);
        }
        match size().filter(|_| is_screen()) {
            Some((columns, height)) => {
                // A column less: a row that fills the last one makes some terminals begin another.
                let rows = self.rows(columns.saturating_sub(1), self.keys.then_some(height), busy);
                clear();
                say_as_it_is!("{}", rows.join("\n"));
            }
            // There, each view comes after the last.
            None if busy.is_some() => {}
            None => say_as_it_is!("{}\n", self.rows(100, None, None).join("\n")),
        }
    }

    /// The exercise that was saved last or chosen since; else the first that was begun and is not solved;
    /// else what comes next.
    pub(crate) fn to_show(&self) -> Option<&Verdict> {
        let current = |verdict: &&Verdict| Some(verdict.id()) == self.current;
        let verdicts = || self.verdicts.iter();
        verdicts()
            .find(current)
            .or_else(|| verdicts().find(|verdict| verdict.is_wrong()))
            .or_else(|| judge::next(&self.verdicts))
    }

    /// Where `n` leads: after a solved exercise to what `cargo workshop next` names; else past this one, to
    /// the next that is not solved.
    pub(crate) fn after_this(&self) -> Option<&Verdict> {
        let shown = self.to_show()?;
        if shown.state == State::Solved {
            return judge::next(&self.verdicts);
        }
        let at = self.verdicts.iter().position(|verdict| verdict.id() == shown.id())?;
        let (before, after) = (&self.verdicts[..at], &self.verdicts[at + 1..]);
        judge::next(after).or_else(|| judge::next(before))
    }
}
