//! Runs the commands of one session, as a reader would: servers stay, clients come and go, and what
//! is typed is typed when the lines before it have come.

use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::format::{Session, Step};
use super::process::Process;

/// How often in a row a command that looks for a state must see it: a state that comes and goes is none
/// that a reader would see.
const STEADY: usize = 3;

/// What it takes to run a session.
pub(super) struct Stage<'a> {
    /// Where commands are run.
    pub(super) root: &'a Path,
    /// How long to wait for a command to end, or for what the book shows and has not come yet: lines, or a
    /// state that a command looks for.
    pub(super) limit: Duration,
    /// Nothing has come for this long: nothing more will.
    pub(super) quiet: Duration,
}

/// A step that was run, or goes on while later ones are.
struct Run<'a> {
    step: &'a Step,
    process: Process,
    goes_on: bool,
}

impl Stage<'_> {
    /// Runs a session. Returns the text that its file should have.
    ///
    /// # Errors
    /// A step cannot be run, or does not end, or does not stay, as the file shows it. Other lines than
    /// the file's are no error.
    pub(super) fn replay(&self, session: &Session) -> anyhow::Result<String> {
        let mut runs = Vec::new();
        for step in &session.steps {
            // The prompt is back: what ran in this window was left.
            self.leave(&mut runs, |earlier| earlier.terminal == step.terminal)?;
            runs.push(self.run(step, &runs).context(step.place.clone())?);
        }
        self.leave(&mut runs, |_| true)?;
        let bodies: Vec<_> = runs.iter().map(|run| run.step.renewed(&run.process.found)).collect();
        Ok(session.with(&bodies))
    }

    /// Runs a step to its end, or until it stays. One that only looks at a state is run again until it
    /// sees what it should.
    fn run<'a>(&self, step: &'a Step, earlier: &[Run<'_>]) -> anyhow::Result<Run<'a>> {
        let groups: Vec<_> = earlier.iter().map(|run| run.process.group.id().to_string()).collect();
        // Others may run a server of the same name.
        let line = step.command.replace("pgrep", &format!("pgrep -g {}", groups.join(",")));
        let deadline = Instant::now() + self.limit;
        let mut in_a_row = 0;
        loop {
            let run = self.start(step, &line)?;
            let is_seen = step.renewed(&run.process.found) == step.body;
            in_a_row = if is_seen { in_a_row + 1 } else { 0 };
            let late = !is_seen && Instant::now() > deadline;
            if in_a_row == STEADY || late || !step.command.contains("/proc/") {
                return Ok(run);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn start<'a>(&self, step: &'a Step, line: &str) -> anyhow::Result<Run<'a>> {
        let typed_into = step.body.iter().any(|line| line.starts_with("> "));
        let interactive = typed_into || step.command.starts_with("nc ");
        let mut process = Process::start(line, self.root, interactive)?;
        let deadline = Instant::now() + self.limit;
        if interactive {
            // Each line is typed after those that stand above it.
            for line in step.body.iter().filter(|line| *line != "…") {
                match line.strip_prefix("> ") {
                    Some(typed) => process.type_line(typed)?,
                    // Whether it came, the comparison tells.
                    None => drop(process.take(deadline)),
                }
            }
            return Ok(Run { step, process, goes_on: true });
        }
        let goes_on =
            process.take(deadline).is_ok() && process.found[0].starts_with("listening on ");
        if !goes_on {
            process.wait(deadline).context(
                "a server says `listening on ADDRESS` first, and what needs a person stands in a ```console,try block",
            )?;
        }
        Ok(Run { step, process, goes_on })
    }

    /// Takes what the chosen steps still show that go on, and ends them.
    fn leave(&self, runs: &mut [Run<'_>], chosen: impl Fn(&Step) -> bool) -> anyhow::Result<()> {
        let goes_on = |run: &&mut Run<'_>| run.goes_on && chosen(run.step);
        let mut leaving: Vec<_> = runs.iter_mut().filter(goes_on).collect();
        // Clients were started after their servers, and have the first word.
        for run in leaving.iter_mut().rev() {
            self.settle(run).with_context(|| run.step.place.clone())?;
        }
        for run in leaving {
            run.process.end();
            run.goes_on = false;
        }
        Ok(())
    }

    /// Takes the lines that the book shows, and those that nobody expects.
    fn settle(&self, run: &mut Run<'_>) -> anyhow::Result<()> {
        let deadline = Instant::now() + self.limit;
        let body = &run.step.body;
        let expected = body.iter().filter(|line| *line != "…").count();
        let end = loop {
            let quiet = Instant::now() + self.quiet;
            let all_came = run.process.found.len() >= expected;
            let until = if all_came { quiet.min(deadline) } else { deadline };
            if let Err(end) = run.process.take(until) {
                break end;
            }
        };
        // A server that has died is as silent as one that waits, and so is a client that was refused.
        // `Error: ` is how a `main` of Rust ends that returns an error.
        let shows_its_end = body.last().is_some_and(|line| line.starts_with("Error: "));
        ensure!(
            end == RecvTimeoutError::Timeout || shows_its_end,
            "the command has ended by itself, and the book shows it as if it went on.{}",
            run.process.last_lines()
        );
        Ok(())
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    /// A limit that a correct session never meets.
    const LONG: Duration = Duration::from_secs(30);
    /// How the runner knows that a server waits.
    const QUIET: Duration = Duration::from_millis(50);

    fn replayed(text: &str, quiet: Duration) -> anyhow::Result<String> {
        let folder = tempfile::tempdir()?;
        let session = Session::parse(Path::new("x.txt"), text.to_owned())?;
        Stage { root: folder.path(), limit: LONG, quiet }.replay(&session)
    }

    #[test]
    fn servers_and_clients_stay_and_what_differs_from_run_to_run_is_dots() {
        let session = |server: &str| {
            format!(
                "ANCHOR: server\n$ (echo listening on x; echo 1.5ms >&2; sleep 1000)\n{server}ANCHOR_END: server\n\
                 ANCHOR: client\n$ cat\n> hello\nhello\n$ echo a\na\nANCHOR_END: client\n"
            )
        };
        let right = session("listening on x\n…ms\n");
        for shown in ["listening on x\n…ms\n", "listening on y\n2 ms\n"] {
            assert_eq!(replayed(&session(shown), QUIET).unwrap(), right);
        }
    }

    #[test]
    fn what_only_looks_is_run_until_it_sees_and_nothing_else_is() {
        let text = "ANCHOR: a\n$ (echo listening on x; sleep 0.2; echo x > log; sleep 1000)\n\
                    listening on x\nANCHOR_END: a\n\
                    ANCHOR: b\n$ : /proc/; grep -c x log\n1\nANCHOR_END: b\n";
        assert_eq!(replayed(text, QUIET).unwrap(), text);
        let text = "ANCHOR: a\n$ echo x >> log; grep -c x log\n3\nANCHOR_END: a\n";
        assert_eq!(replayed(text, QUIET).unwrap(), text.replace('3', "1"));
    }

    #[test]
    fn who_has_ended_does_not_pass_for_one_that_waits() {
        // Each of these ends by itself, and may take its time.
        let run = |lines: &str| replayed(&format!("ANCHOR: a\n{lines}ANCHOR_END: a\n"), LONG);
        let says = |words: &str| format!("$ (echo listening on x; echo {words})\nlistening on x\n");
        for lines in ["$ echo goodbye\n> hello\ngoodbye\n> is anybody there?\n", &says("gone")] {
            let error = format!("{:#}", run(lines).unwrap_err());
            assert!(error.starts_with("x.txt:2: ") && error.contains("has ended"), "{error}");
        }
        let shown = says("Error: gone") + "Error: gone\n";
        assert!(run(&shown).is_ok(), "the book shows that it has ended");
    }
}
