//! Runs the commands of one session, as a reader would: servers stay, clients come and go, and what
//! is typed is typed when the lines before it have come.

use std::path::Path;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use regex::Regex;

use super::format::{Session, Step, typed};
use super::process::{Next, Process};
use super::programs::Programs;

/// How long what may take.
pub(super) struct Limits {
    /// A command that ends.
    pub(super) command: Duration,
    /// Lines that the book shows and that have not come yet.
    pub(super) lines: Duration,
    /// A state that a command looks for.
    pub(super) state: Duration,
    /// Nothing has come for this long: nothing more will.
    pub(super) quiet: Duration,
    /// What was asked to end.
    pub(super) end: Duration,
}

/// How often in a row a command that looks for a state must see it: a state that comes and goes is none
/// that a reader would see.
const STEADY: usize = 3;

/// What it takes to run a session.
pub(super) struct Stage<'a> {
    /// Where commands are run.
    pub(super) root: &'a Path,
    pub(super) programs: &'a Programs,
    pub(super) limits: Limits,
}

/// Why a session was not run to its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something is wrong with this step.
    Failed(usize, String),
    /// This system cannot show it.
    Skipped(String),
}

/// Runs a session. Returns what was found in place of each step's body.
///
/// # Errors
/// See [`Stop`]. Other lines than the book's are no error.
pub(super) fn replay(session: &Session, stage: &Stage<'_>) -> Result<Vec<Vec<String>>, Stop> {
    let found = session.steps.iter().map(|_| Vec::new()).collect();
    let mut replay = Replay { session, stage, staying: Vec::new(), found };
    for (index, step) in session.steps.iter().enumerate() {
        // The prompt is back: what ran in this window was left.
        replay.leave(|other| other.terminal == step.terminal)?;
        replay.run(index)?;
    }
    replay.leave(|_| true)?;
    Ok(replay.found)
}

struct Replay<'a> {
    session: &'a Session,
    stage: &'a Stage<'a>,
    /// Steps that go on while later ones run.
    staying: Vec<(usize, Process)>,
    /// What each step has shown until now.
    found: Vec<Vec<String>>,
}

impl Replay<'_> {
    /// Runs a step to its end, or until it stays.
    fn run(&mut self, index: usize) -> Result<(), Stop> {
        let step = &self.session.steps[index];
        let deadline = Instant::now() + self.stage.limits.state;
        let mut in_a_row = 0;
        loop {
            self.found[index].clear();
            let ended = self.start(index).map_err(|e| Stop::Failed(index, format!("{e:#}")))?;
            let found = &self.found[index];
            in_a_row = if step.matches(found) { in_a_row + 1 } else { 0 };
            let late = in_a_row == 0 && Instant::now() > deadline;
            if !ended || !step.looks() || in_a_row == STEADY || late {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Starts a step. Returns whether it has ended.
    fn start(&mut self, index: usize) -> anyhow::Result<bool> {
        let step = &self.session.steps[index];
        let groups = self.staying.iter().map(|(_, process)| process.group().to_string());
        // Others may run a server of the same name.
        let pgrep = format!("pgrep -g {}", groups.collect::<Vec<_>>().join(","));
        let line = self.stage.programs.put_into(&step.command).replace("pgrep", &pgrep);
        let interactive = step.is_typed_into() || step.command.starts_with("nc ");
        let mut process = Process::start(&line, self.stage.root, interactive)?;
        if interactive {
            self.converse(index, &mut process)?;
            self.staying.push((index, process));
            return Ok(false);
        }
        let limit = self.stage.limits.command;
        let deadline = Instant::now() + limit;
        loop {
            match process.next(deadline)? {
                Next::Line(line) => {
                    let serves = self.found[index].is_empty() && line.starts_with("listening on ");
                    self.keep(index, &line);
                    if serves {
                        self.staying.push((index, process));
                        return Ok(false);
                    }
                }
                Next::Ended => return Ok(true),
                Next::Nothing => anyhow::bail!(
                    "`{}` did not end within {} s, and was ended. A server would have said `listening on ADDRESS` first; what needs a person stands in a ```console,try block.{}",
                    step.command,
                    limit.as_secs_f32(),
                    printed(&self.found[index]),
                ),
            }
        }
    }

    /// Types what the file types, each line after those that stand above it.
    fn converse(&mut self, index: usize, process: &mut Process) -> anyhow::Result<()> {
        let step = &self.session.steps[index];
        let mut answered = true;
        for line in &step.body {
            if let Some(text) = typed(line) {
                process.type_line(text).with_context(|| {
                    let printed = printed(&self.found[index]);
                    format!("nobody reads `{text}`: `{}` has ended.{printed}", step.command)
                })?;
                self.found[index].push(line.clone());
            } else if answered && line != "…" {
                answered = match process.next(Instant::now() + self.stage.limits.lines)? {
                    Next::Line(line) => {
                        self.keep(index, &line);
                        true
                    }
                    Next::Ended | Next::Nothing => false,
                };
            }
        }
        Ok(())
    }

    /// Ends the steps that stay and are chosen. What they show is what they have shown before.
    fn leave(&mut self, chosen: impl Fn(&Step) -> bool) -> Result<(), Stop> {
        let steps = &self.session.steps;
        let all = std::mem::take(&mut self.staying);
        let (mut leaving, staying): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(index, _)| chosen(&steps[*index]));
        self.staying = staying;
        // Clients were started after their servers, and have the first word.
        leaving.reverse();
        for (index, process) in &mut leaving {
            let failed = |error: anyhow::Error| Stop::Failed(*index, format!("{error:#}"));
            self.is_still_there(*index, process).map_err(failed)?;
            process.close_input();
            self.collect(*index, process).map_err(failed)?;
        }
        for (index, process) in leaving {
            let stopped = process.stop(self.stage.limits.end);
            stopped.map_err(|error| Stop::Failed(index, format!("{error:#}")))?;
        }
        Ok(())
    }

    /// A server that has died is as silent as one that waits, and so is a client that was refused.
    fn is_still_there(&mut self, index: usize, process: &mut Process) -> anyhow::Result<()> {
        while let Next::Line(line) = process.next(Instant::now() + self.stage.limits.quiet)? {
            self.keep(index, &line);
        }
        let step = &self.session.steps[index];
        // That is how a `main` of Rust ends that returns an error.
        let shows_its_end = step.body.last().is_some_and(|line| line.starts_with("Error: "));
        if let Some(status) = process.ended()?
            && !shows_its_end
        {
            let printed = printed(&self.found[index]);
            anyhow::bail!(
                "`{}` has ended by itself ({status}), and the book shows it as if it went on.{printed}",
                step.command
            );
        }
        Ok(())
    }

    /// Takes the lines that the book shows, and those that nobody expects.
    fn collect(&mut self, index: usize, process: &mut Process) -> anyhow::Result<()> {
        let limits = &self.stage.limits;
        let deadline = Instant::now() + limits.lines;
        let body = &self.session.steps[index].body;
        let expected = body.iter().filter(|line| *line != "…").count();
        loop {
            let until = match self.found[index].len() < expected {
                true => deadline,
                false => deadline.min(Instant::now() + limits.quiet),
            };
            match process.next(until)? {
                Next::Line(line) => self.keep(index, &line),
                Next::Ended | Next::Nothing => return Ok(()),
            }
        }
    }

    fn keep(&mut self, index: usize, line: &str) {
        self.found[index].push(redacted(line));
    }
}

/// The line with `…` for what differs from run to run: the seconds at the beginning of a line of the
/// log, with the spaces that align them; a port of five digits, which was the system's choice; a time
/// that was measured, which has a fraction, as `2 seconds` that were asked for have not.
fn redacted(line: &str) -> String {
    static PATTERNS: LazyLock<[(Regex, &str); 3]> = LazyLock::new(|| {
        [
            (r"^ *\d+\.\d+s ", "…s "),
            (r"\b127\.0\.0\.1:\d{5}\b", "127.0.0.1:…"),
            (r"\b\d+\.\d+( ?(?:ns|µs|us|ms|s))\b", "…$1"),
        ]
        .map(|(pattern, shown)| (Regex::new(pattern).expect("a test compiles it"), shown))
    });
    let redact = |line: String, (pattern, shown): &(Regex, &str)| {
        pattern.replace_all(&line, *shown).into_owned()
    };
    PATTERNS.iter().fold(line.to_owned(), redact)
}

/// What a command printed before it was ended.
fn printed(found: &[String]) -> String {
    match &found[found.len().saturating_sub(5)..] {
        [] => " It printed nothing.".into(),
        last => format!(" Its last lines:\n  + {}", last.join("\n  + ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_dots() {
        assert_eq!(
            redacted("   0.001234s  WARN a::b: failed peer=127.0.0.1:54321 error=x (os error 104)"),
            "…s  WARN a::b: failed peer=127.0.0.1:… error=x (os error 104)"
        );
        assert_eq!(redacted("took 1.234ms, then 2.3 s or 12.5µs"), "took …ms, then … s or …µs");
        for line in ["listening on 127.0.0.1:7878", "after 2 seconds", "50 ms", "1.2.3", "1.5 KiB"]
        {
            assert_eq!(redacted(line), line);
        }
    }
}
