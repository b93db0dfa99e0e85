//! Runs the commands of one session, as a reader would: servers stay, clients come and go, and what
//! is typed is typed when the lines before it have come.

use std::path::Path;
use std::sync::LazyLock;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use regex::Regex;

use super::format::{Session, Step};
use super::process::Process;
use super::programs::Programs;

/// How long what may take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// A command that ends.
    pub(super) command: Duration,
    /// What the book shows and has not come yet: lines, or a state that a command looks for.
    pub(super) shown: Duration,
    /// Nothing has come for this long: nothing more will.
    pub(super) quiet: Duration,
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

/// A step that was run, or goes on while later ones are.
struct Run<'a> {
    step: &'a Step,
    /// As long as it goes on.
    process: Option<Process>,
    /// What it has shown until now.
    found: Vec<String>,
}

impl Stage<'_> {
    /// Runs a session. Returns what the file should show in place of each step's body.
    ///
    /// # Errors
    /// A step cannot be run, or does not end, or does not stay, as the file shows it. Other lines than
    /// the file's are no error.
    pub(super) fn replay(&self, session: &Session) -> anyhow::Result<Vec<Vec<String>>> {
        let mut runs = Vec::new();
        for step in &session.steps {
            // The prompt is back: what ran in this window was left.
            self.leave(&mut runs, |earlier| earlier.terminal == step.terminal)?;
            runs.push(self.run(step, &runs).context(step.place.clone())?);
        }
        self.leave(&mut runs, |_| true)?;
        Ok(runs.iter().map(|run| run.step.renewed(&run.found)).collect())
    }

    /// Runs a step to its end, or until it stays. One that only looks at a state is run again until it
    /// sees what it should.
    fn run<'a>(&self, step: &'a Step, earlier: &[Run<'_>]) -> anyhow::Result<Run<'a>> {
        let staying = earlier.iter().filter_map(|run| run.process.as_ref());
        let groups: Vec<_> = staying.map(|process| process.group.id().to_string()).collect();
        // Others may run a server of the same name.
        let pgrep = format!("pgrep -g {}", groups.join(","));
        let line = self.programs.put_into(&step.command).replace("pgrep", &pgrep);
        let deadline = Instant::now() + self.limits.shown;
        let mut in_a_row = 0;
        loop {
            let run = self.start(step, &line)?;
            in_a_row = if step.renewed(&run.found) == step.body { in_a_row + 1 } else { 0 };
            let late = in_a_row == 0 && Instant::now() > deadline;
            if !step.command.contains("/proc/") || in_a_row == STEADY || late {
                return Ok(run);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn start<'a>(&self, step: &'a Step, line: &str) -> anyhow::Result<Run<'a>> {
        let typed_into = step.body.iter().any(|line| line.starts_with("> "));
        let interactive = typed_into || step.command.starts_with("nc ");
        let process = Process::start(line, self.root, interactive)?;
        let mut run = Run { step, process: Some(process), found: Vec::new() };
        if interactive {
            run.converse(self.limits.shown)?;
            return Ok(run);
        }
        let deadline = Instant::now() + self.limits.command;
        loop {
            match run.read(deadline) {
                Ok(()) if run.found[0].starts_with("listening on ") => return Ok(run),
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    run.process = None;
                    return Ok(run);
                }
                Err(RecvTimeoutError::Timeout) => bail!(
                    "`{}` did not end within {} s, and was ended. A server would have said `listening on ADDRESS` first; what needs a person stands in a ```console,try block.{}",
                    step.command,
                    self.limits.command.as_secs_f32(),
                    run.printed(),
                ),
            }
        }
    }

    /// Takes what the chosen steps still show that go on, and ends them.
    fn leave(&self, runs: &mut [Run<'_>], chosen: impl Fn(&Step) -> bool) -> anyhow::Result<()> {
        let goes_on = |run: &&mut Run<'_>| run.process.is_some() && chosen(run.step);
        let mut leaving: Vec<_> = runs.iter_mut().filter(goes_on).collect();
        // Clients were started after their servers, and have the first word.
        for run in leaving.iter_mut().rev() {
            run.settle(self.limits).with_context(|| run.step.place.clone())?;
        }
        leaving.into_iter().for_each(|run| run.process = None);
        Ok(())
    }
}

impl Run<'_> {
    /// Keeps the next line, if it comes before the deadline.
    fn read(&mut self, deadline: Instant) -> Result<(), RecvTimeoutError> {
        let process = self.process.as_ref().ok_or(RecvTimeoutError::Disconnected)?;
        self.found.push(redacted(&process.line(deadline)?));
        Ok(())
    }

    /// Types what the file types, each line after those that stand above it.
    fn converse(&mut self, limit: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + limit;
        for line in &self.step.body {
            if let (Some(text), Some(process)) = (line.strip_prefix("> "), &mut self.process) {
                process.type_line(text).with_context(|| {
                    let printed = self.printed();
                    format!("nobody reads `{text}`: `{}` has ended.{printed}", self.step.command)
                })?;
                self.found.push(line.clone());
            } else if line != "…" {
                // Whether it came, the comparison tells.
                let _ = self.read(deadline);
            }
        }
        Ok(())
    }

    /// Takes the lines that the book shows, and those that nobody expects.
    fn settle(&mut self, limits: Limits) -> anyhow::Result<()> {
        let deadline = Instant::now() + limits.shown;
        let body = &self.step.body;
        let expected = body.iter().filter(|line| *line != "…").count();
        let end = loop {
            let quiet = Instant::now() + limits.quiet;
            let until = if self.found.len() < expected { deadline } else { deadline.min(quiet) };
            if let Err(end) = self.read(until) {
                break end;
            }
        };
        // A server that has died is as silent as one that waits, and so is a client that was refused.
        // `Error: ` is how a `main` of Rust ends that returns an error.
        let shows_its_end = body.last().is_some_and(|line| line.starts_with("Error: "));
        ensure!(
            end == RecvTimeoutError::Timeout || shows_its_end,
            "`{}` has ended by itself, and the book shows it as if it went on.{}",
            self.step.command,
            self.printed()
        );
        Ok(())
    }

    /// The last lines that it printed.
    fn printed(&self) -> String {
        match &self.found[self.found.len().saturating_sub(5)..] {
            [] => " It printed nothing.".into(),
            last => format!(" Its last lines:\n  + {}", last.join("\n  + ")),
        }
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
