//! A command while it runs: its lines as they come, and its input.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use regex::Regex;
use workshop::process_group::{self, ProcessGroup};

/// How much of a command's output is read. More than that no page shows.
const KEPT: u64 = 256 * 1024;

/// A shell that will run `line` in `folder`, as the book shows it.
pub(super) fn shell(line: &str, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(folder)
        // Pages say `target/debug/blocking`, and nothing of what cargo builds.
        .envs([("CARGO_TARGET_DIR", "target"), ("CARGO_TERM_QUIET", "true")])
        .envs([("RUST_BACKTRACE", "0"), ("NO_COLOR", "1"), ("LC_ALL", "C")])
        .env_remove("RUST_LOG")
        .env_remove("CLICOLOR_FORCE");
    command
}

/// A shell that runs one line, in a process group of its own. It ends when this is dropped.
pub(crate) struct Process {
    pub(super) group: ProcessGroup,
    child: Child,
    lines: Receiver<String>,
    /// The lines that were taken, and those that were typed.
    pub(crate) found: Vec<String>,
}

impl Process {
    /// Runs `line` in `folder`. Without `input`, it finds its input at its end.
    ///
    /// # Errors
    /// There is no shell, or no pipe.
    pub(crate) fn start(line: &str, folder: &Path, input: bool) -> anyhow::Result<Self> {
        // One pipe for both outputs: a terminal shows them in the order in which they were written.
        let (output, end) = std::io::pipe().context("a pipe for the output of a command")?;
        let mut command = shell(line, folder);
        command
            .stdin(if input { Stdio::piped() } else { Stdio::null() })
            .stdout(end.try_clone().context("a pipe for the output of a command")?)
            .stderr(end);
        let group = ProcessGroup::new()?;
        let child = group.spawn(&mut command).context("starting sh")?;
        let (sender, lines) = channel();
        thread::spawn(move || read(output, &sender));
        // Our copies of the pipe's end are closed with `command`.
        Ok(Self { group, child, lines, found: Vec::new() })
    }

    /// Takes the next line, if it comes before `deadline`.
    ///
    /// # Errors
    /// None has come, or none will: it has ended.
    pub(super) fn take(&mut self, deadline: Instant) -> Result<(), RecvTimeoutError> {
        let left = deadline.saturating_duration_since(Instant::now());
        self.found.push(self.lines.recv_timeout(left)?);
        Ok(())
    }

    /// Takes its lines until it has ended.
    ///
    /// # Errors
    /// It has not ended at `deadline`.
    pub(crate) fn wait(&mut self, deadline: Instant) -> anyhow::Result<ExitStatus> {
        while self.take(deadline).is_ok() {}
        let left = deadline.saturating_duration_since(Instant::now());
        process_group::wait(&mut self.child, left)?
            .with_context(|| format!("it did not end in time, and was ended.{}", self.last_lines()))
    }

    /// Types a line.
    ///
    /// # Errors
    /// Nobody reads it: the process has ended, or has closed its input.
    pub(super) fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        let input = self.child.stdin.as_mut().context("it has no input")?;
        writeln!(input, "{line}").with_context(|| {
            format!("nobody reads `{line}`: the command has ended.{}", self.last_lines())
        })?;
        self.found.push(format!("> {line}"));
        Ok(())
    }

    /// What errors show of it.
    pub(crate) fn last_lines(&self) -> String {
        match &self.found[self.found.len().saturating_sub(5)..] {
            [] => " It printed nothing.".into(),
            last => format!(" Its last lines:\n  + {}", last.join("\n  + ")),
        }
    }

    /// Ends it, and what it has started.
    pub(super) fn end(&mut self) {
        self.group.kill();
        // It cannot fail: nobody else waits for it.
        let _ = self.child.wait();
        // What it has started has ended, and its port is free, when all have let go of the pipe.
        while self.lines.recv_timeout(Duration::from_secs(1)).is_ok() {}
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads to the end, on a thread of its own. Nobody listens after the process was dropped.
fn read(output: impl Read, lines: &Sender<String>) {
    for line in BufReader::new(output.take(KEPT)).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&line);
        // Without what would clear the screen, or worse.
        let text = anstream::adapter::strip_str(text.trim_end_matches('\r')).to_string();
        if lines.send(redacted(text)).is_err() {
            return;
        }
    }
}

/// The line with `…` for what differs from run to run: the seconds at the beginning of a line of the
/// log, with the spaces that align them; a port of five digits, which was the system's choice; a time
/// that was measured, which has a fraction, as `2 seconds` that were asked for have not.
fn redacted(line: String) -> String {
    static PATTERNS: LazyLock<[(Regex, &str); 3]> = LazyLock::new(|| {
        [
            (r"^ *\d+\.\d+s ", "…s "),
            (r"\b127\.0\.0\.1:\d{5}\b", "127.0.0.1:…"),
            (r"\b\d+\.\d+( ?(?:ns|µs|us|ms|s))\b", "…$1"),
        ]
        .map(|(pattern, shown)| (Regex::new(pattern).expect("a test compiles it"), shown))
    });
    PATTERNS
        .iter()
        .fold(line, |line, (pattern, shown)| pattern.replace_all(&line, *shown).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_dots() {
        let redacted = |line: &str| redacted(line.to_owned());
        assert_eq!(
            redacted("   0.001234s  WARN a::b: failed peer=127.0.0.1:54321 error=x (os error 104)"),
            "…s  WARN a::b: failed peer=127.0.0.1:… error=x (os error 104)"
        );
        assert_eq!(redacted("took 1.234ms, then 2.3 s or 12.5µs"), "took …ms, then … s or …µs");
        let same = "listening on 127.0.0.1:7878 after 2 seconds, 50 ms, 1.2.3, 1.5 KiB";
        assert_eq!(redacted(same), same);
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_hangs_is_ended_and_leaves_nothing() {
        let line = "echo $$; exec sleep 1000";
        let mut process = Process::start(line, Path::new("/"), false).unwrap();
        process.take(Instant::now() + Duration::from_secs(300)).unwrap();
        let error = process.wait(Instant::now()).unwrap_err().to_string();
        let id = process.found[0].clone();
        assert!(error.contains("did not end") && error.ends_with(&id), "{error}");
        drop(process);
        let alive = Command::new("kill").args(["-0", &id]).output().unwrap();
        assert!(!alive.status.success(), "the process {id} is still there");
    }
}
