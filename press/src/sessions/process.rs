//! A command of a session while it runs: its lines as they come, and its input.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use workshop::process_group::ProcessGroup;

/// How much of a command's output is read. More than that no page shows.
const KEPT: u64 = 256 * 1024;

/// A shell that runs one line, in a process group of its own. It ends when this is dropped.
pub(super) struct Process {
    pub(super) group: ProcessGroup,
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    /// Runs `line` in `folder`. Without `input`, it finds its input at its end.
    ///
    /// # Errors
    /// There is no shell, or no pipe.
    pub(super) fn start(line: &str, folder: &Path, input: bool) -> anyhow::Result<Self> {
        // One pipe for both outputs: a terminal shows them in the order in which they were written.
        let (output, end) = std::io::pipe().context("a pipe for the output of a command")?;
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .current_dir(folder)
            .envs([("RUST_BACKTRACE", "0"), ("NO_COLOR", "1"), ("LC_ALL", "C")])
            .env_remove("RUST_LOG")
            .env_remove("CLICOLOR_FORCE")
            .stdin(if input { Stdio::piped() } else { Stdio::null() })
            .stdout(end.try_clone().context("a pipe for the output of a command")?)
            .stderr(end);
        let group = ProcessGroup::new()?;
        let child = group.spawn(&mut command).context("starting sh")?;
        let (sender, lines) = channel();
        thread::spawn(move || read(output, &sender));
        // Our copies of the pipe's end are closed with `command`.
        Ok(Self { group, child, lines })
    }

    /// Waits for a line until `deadline`.
    ///
    /// # Errors
    /// None has come, or none will: it has ended.
    pub(super) fn line(&self, deadline: Instant) -> Result<String, RecvTimeoutError> {
        self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now()))
    }

    /// Types a line.
    ///
    /// # Errors
    /// Nobody reads it: the process has ended, or has closed its input.
    pub(super) fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        let input = self.child.stdin.as_mut().context("it has no input")?;
        Ok(writeln!(input, "{line}")?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
        // It cannot fail: this is the first wait for it.
        let _ = self.child.wait();
        // What it has started has ended, and its port is free, when all have let go of the pipe.
        while self.lines.recv_timeout(Duration::from_secs(1)).is_ok() {}
    }
}

/// Reads to the end, on a thread of its own. Nobody listens after the process was dropped.
fn read(output: impl Read, lines: &Sender<String>) {
    for line in BufReader::new(output.take(KEPT)).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&line);
        // Without what would clear the screen, or worse.
        let text = anstream::adapter::strip_str(text.trim_end_matches('\r')).to_string();
        if lines.send(text).is_err() {
            return;
        }
    }
}
