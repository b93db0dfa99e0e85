//! A command of a session while it runs: its lines as they come, its input, and its end, which is
//! brought about if need be.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use workshop::process_group::ProcessGroup;

/// How much of a command's output is read. More than that no page shows.
const KEPT: u64 = 256 * 1024;

/// How often to look whether a process has ended whose output has not.
const LOOK: Duration = Duration::from_millis(10);

/// A shell that runs one line, in a process group of its own. It ends when this is dropped.
pub(crate) struct Process {
    group: ProcessGroup,
    child: Child,
    lines: Receiver<String>,
    /// Open as long as something may be typed.
    input: Option<ChildStdin>,
}

/// What a process does next.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    Line(String),
    Ended,
    /// Nothing, as long as we could wait.
    Nothing,
}

impl Process {
    /// Runs `line` in `folder`. Without `input`, it finds its input at its end.
    ///
    /// # Errors
    /// There is no shell, or no thread.
    pub(crate) fn start(line: &str, folder: &Path, input: bool) -> anyhow::Result<Self> {
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
        let mut child = group.spawn(&mut command).context("starting sh")?;
        // It holds our copies of the pipe's end.
        drop(command);
        let input = child.stdin.take();
        let (sender, lines) = channel();
        let process = Self { group, child, lines, input };
        let reader = thread::Builder::new().name("reads a command's output".into());
        reader.spawn(move || read(output, &sender)).context("starting a thread")?;
        Ok(process)
    }

    /// The number of its process group.
    pub(super) fn group(&self) -> u32 {
        self.group.id()
    }

    /// Waits for a line or the end, until `deadline`.
    ///
    /// # Errors
    /// The system cannot tell of our own child.
    pub(crate) fn next(&mut self, deadline: Instant) -> anyhow::Result<Next> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left.min(LOOK)) {
                Ok(line) => return Ok(Next::Line(line)),
                Err(RecvTimeoutError::Disconnected) => {
                    if self.child.try_wait()?.is_some() {
                        return Ok(Next::Ended);
                    }
                    thread::sleep(left.min(LOOK));
                }
                // Whatever it has left behind would hold the pipe open.
                Err(RecvTimeoutError::Timeout) if self.child.try_wait()?.is_some() => {
                    self.group.kill();
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if left.is_zero() {
                return Ok(Next::Nothing);
            }
        }
    }

    /// Types a line.
    ///
    /// # Errors
    /// Nobody reads it: the process has ended, or has closed its input.
    pub(super) fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        let input = self.input.as_mut().context("it has no input")?;
        writeln!(input, "{line}").and_then(|()| input.flush())?;
        Ok(())
    }

    /// How it has ended, if it has.
    ///
    /// # Errors
    /// The system cannot tell of our own child.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Says that nothing more will be typed.
    pub(super) fn close_input(&mut self) {
        self.input = None;
    }

    /// Asks the process to end, as `kill` does, and waits for it.
    ///
    /// # Errors
    /// The system cannot tell of our own child.
    pub(super) fn stop(mut self, limit: Duration) -> anyhow::Result<()> {
        self.group.ask_to_end();
        let deadline = Instant::now() + limit;
        // What it says to that, no page shows.
        while let Next::Line(_) = self.next(deadline)? {}
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
        // They fail only for a child that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads to the end, on a thread of its own. Nobody listens after the process was dropped.
fn read(output: impl Read, lines: &Sender<String>) {
    let mut output = BufReader::new(output.take(KEPT));
    let mut line = Vec::new();
    while let Ok(1..) = output.read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(&line);
        // Without what would clear the screen, or worse.
        let text = anstream::adapter::strip_str(text.trim_end_matches(['\r', '\n'])).to_string();
        if lines.send(text).is_err() {
            return;
        }
        line.clear();
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn start(line: &str) -> Process {
        Process::start(line, Path::new("/"), true).unwrap()
    }

    fn next(process: &mut Process) -> Next {
        process.next(Instant::now() + LONG).unwrap()
    }

    fn line(text: &str) -> Next {
        Next::Line(text.into())
    }

    #[test]
    fn both_outputs_come_in_the_order_in_which_they_were_written() {
        let mut process = start("echo one; echo two >&2; printf three");
        for text in ["one", "two", "three"] {
            assert_eq!(next(&mut process), line(text));
        }
        assert_eq!(next(&mut process), Next::Ended);
    }

    #[test]
    fn what_is_typed_arrives_and_an_end_of_input_too() {
        let mut process = start("cat; echo end");
        process.type_line("hello").unwrap();
        assert_eq!(next(&mut process), line("hello"));
        process.close_input();
        assert_eq!(next(&mut process), line("end"));
        assert_eq!(next(&mut process), Next::Ended);
    }

    #[test]
    fn what_a_command_leaves_behind_ends_with_it() {
        let mut process = start("sleep 1000 & echo $!");
        assert!(matches!(next(&mut process), Next::Line(_)));
        assert_eq!(next(&mut process), Next::Ended);
    }

    #[test]
    fn a_process_that_does_not_listen_is_ended_at_the_limit() {
        let mut process = start("trap '' TERM; echo ready; while :; do sleep 1000; done");
        assert_eq!(next(&mut process), line("ready"));
        let before = Instant::now();
        process.stop(Duration::from_millis(10)).unwrap();
        assert!(before.elapsed() < LONG);
    }
}
