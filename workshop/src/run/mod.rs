//! Runs one test in a process of its own, whatever the answer in it does: it may loop, block,
//! print without end, or exit.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::process_group::{ProcessGroup, wait};

pub(crate) mod output;
mod panics;

/// How much memory a test may take. An answer that collects without end must not take the
/// machine with it.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 4 << 30;

/// How long what takes milliseconds may take: to list tests, or to read what a test has left in its pipes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long before its end a test hears of it, so that its watchdog, which can explain a hang, ends it first.
const TO_EXPLAIN: Duration = Duration::from_secs(2);

/// How a test failed.
pub(crate) struct Failure {
    /// Why, for the learner.
    pub(crate) why: String,
    /// The last lines of what the answer printed, if anything.
    pub(crate) printed: Option<String>,
}

/// The names of the tests in a test program, those of the answer's own modules left out.
pub(crate) fn list(program: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut command = Command::new(program);
    let run = run(command.args(["--list", "--format", "terse"]), PATIENCE)?;
    ensure!(
        run.status.is_some_and(|status| status.success()),
        "{} does not list its tests: run `cargo clean`, and try again",
        program.display()
    );
    let names = run.stdout.lines().filter_map(|line| line.strip_suffix(": test"));
    Ok(names.filter(|name| !name.contains("::")).map(str::to_owned).collect())
}

/// Runs one test of a test program, for `limit` at most. `None`: it passed.
pub(crate) fn test(program: &Path, name: &str, limit: Duration) -> anyhow::Result<Option<Failure>> {
    let mut command = Command::new(program);
    // --nocapture: what the test prints must arrive even when its process is killed. Two threads, whatever
    // the environment or the machine has: then libtest names the test only after it has run.
    command.args(["--exact", name, "--nocapture", "--test-threads", "2"]);
    let seconds = limit.saturating_sub(TO_EXPLAIN).as_secs().max(1);
    command.env("WATCHDOG_SECONDS", seconds.to_string());
    let run = run(&mut command, limit)?;
    Ok(why(&run, name, limit).map(|why| Failure { why, printed: printed(&run, name) }))
}

/// Why a test did not pass; nothing, if it did.
fn why(run: &Run, name: &str, limit: Duration) -> Option<String> {
    // The exit status alone proves nothing: an answer may have called `exit`. An answer that prints
    // libtest's last line as well cheats, and needs no help: the solutions are in the same folder.
    let last_line = run.stdout.lines().rfind(|line| !line.is_empty()).unwrap_or_default();
    let finished = last_line.starts_with("test result: ok. 1 passed; 0 failed; 0 ignored");
    if finished && run.status.is_some_and(|status| status.success()) {
        return None;
    }
    Some(panics::explanation(&run.stderr, name).unwrap_or_else(|| match run.status {
        None => format!(
            "Still running after {} s. Something here loops for ever, or waits for something that \
             will not happen.",
            limit.as_secs()
        ),
        Some(status) if status.code().is_some() && !run.stdout.contains("test result:") => format!(
            "The process ended ({status}) before the test was over. Does your code call \
             `std::process::exit`?"
        ),
        Some(_) if run.stderr.contains("has overflowed its stack") => {
            "The stack overflowed: does a function call itself for ever?".to_owned()
        }
        Some(status) => format!("The process ended: {status}."),
    }))
}

/// The last lines of what the answer printed, without those of libtest, of panics and of the instruments.
/// Standard error comes after standard output: in which order they came is not known.
fn printed(run: &Run, name: &str) -> Option<String> {
    let after = run.stdout.split_once("running 1 test\n").map_or("", |(_, rest)| rest);
    let end = after.rfind(&format!("test {name} ... ")).unwrap_or(after.len());
    let lines = after[..end].lines().chain(panics::sorted(&run.stderr).1);
    let lines: Vec<_> = lines.filter(|line| !line.trim().is_empty()).collect();
    let before = lines.len().saturating_sub(20);
    let mut last: Vec<_> = lines[before..].iter().copied().map(panics::cut).collect();
    if before > 0 {
        last.insert(0, format!("… and {before} before that"));
    }
    (!last.is_empty()).then(|| last.join("\n"))
}

/// What a process left behind.
struct Run {
    /// `None`: it was killed at its limit.
    status: Option<ExitStatus>,
    stdout: String,
    stderr: String,
}

fn run(command: &mut Command, limit: Duration) -> anyhow::Result<Run> {
    let group = ProcessGroup::new()?;
    command.env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = group.spawn(command).with_context(|| format!("starting {command:?}"))?;
    limit_memory(&child);
    let stdout = output::read(child.stdout.take().context("its standard output")?);
    let stderr = output::read(child.stderr.take().context("its standard error")?);
    let status = wait(&mut child, limit)?;
    // What the test has started ends with it, unless it is in a group of its own.
    drop(group);
    let text = |output: Receiver<String>| {
        output.recv_timeout(PATIENCE).context(
            "a process that the answer has started still holds the output of its test: end it, and \
             try again",
        )
    };
    Ok(Run { status, stdout: text(stdout)?, stderr: text(stderr)? })
}

#[cfg(target_os = "linux")]
fn limit_memory(child: &Child) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let limit = Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) };
    // It fails only for a child that has ended already.
    let _ = prlimit(pid, Resource::Data, limit);
}

#[cfg(not(target_os = "linux"))]
fn limit_memory(_: &Child) {}
