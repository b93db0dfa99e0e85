//! Runs one test in a process of its own, whatever the answer in it does: it may loop, block,
//! print without end, or exit.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::process_group::{ProcessGroup, wait};

mod panics;

mod printed;

/// How much of each of a test's two outputs is kept from its beginning. Of the rest only the last few
/// lines are.
const KEPT: usize = 256 * 1024;

/// How much memory a test may take. An answer that collects without end must not take the
/// machine with it.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 4 << 30;

/// How a test ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed {
        /// Why, for the learner.
        why: String,
        /// The last lines of what the answer printed, if anything.
        printed: Option<String>,
    },
}

/// The names of the tests in a test program, those of the answer's own modules left out.
///
/// # Errors
/// The program cannot be started, or does not list its tests within ten seconds.
pub(crate) fn list(program: &Path) -> anyhow::Result<Vec<String>> {
    let mut command = Command::new(program);
    let run = run(command.args(["--list", "--format", "terse"]), Duration::from_secs(10))?;
    ensure!(
        run.status.is_some_and(|status| status.success()),
        "{} does not list its tests: build it anew, after `cargo clean`",
        program.display()
    );
    let names = run.stdout.lines().filter_map(|line| line.strip_suffix(": test"));
    Ok(names.filter(|name| !name.contains("::")).map(str::to_owned).collect())
}

/// Runs one test of a test program, for `limit` at most.
///
/// # Errors
/// The program cannot be started.
pub(crate) fn test(program: &Path, name: &str, limit: Duration) -> anyhow::Result<Outcome> {
    let mut command = Command::new(program);
    // --nocapture: what the test says must arrive even when its process is killed. Two threads, whatever
    // the environment or the machine has: then libtest names the test after it, and not before as well.
    command.args(["--exact", name, "--nocapture", "--test-threads", "2"]);
    let run = run(&mut command, limit)?;
    Ok(match why(&run, name, limit) {
        None => Outcome::Passed,
        Some(why) => {
            Outcome::Failed { why, printed: printed::last_lines(&run.stdout, &run.stderr, name) }
        }
    })
}

/// Why a test did not pass; nothing, if it did.
fn why(run: &Run, name: &str, limit: Duration) -> Option<String> {
    let explained = || panics::explanation(&run.stderr, name);
    let Some(status) = run.status else {
        return Some(explained().unwrap_or_else(|| {
            format!(
                "No end after {} s. Something here loops for ever, or waits for something that \
                 will not happen.",
                limit.as_secs()
            )
        }));
    };
    // The exit status alone proves nothing: an answer may have called `exit`. Who prints libtest's
    // last line as well wants to be deceived: the answers are in the same folder.
    let last_line = run.stdout.lines().rfind(|line| !line.is_empty()).unwrap_or_default();
    let finished = last_line.starts_with("test result: ok. 1 passed; 0 failed; 0 ignored");
    match explained() {
        _ if status.success() && finished => None,
        Some(why) => Some(why),
        None if status.code().is_some() && !run.stdout.contains("test result:") => Some(format!(
            "The process ended ({status}) before the test was over. Does your code call \
             `std::process::exit`?"
        )),
        None if run.stderr.contains("has overflowed its stack") => {
            Some("The stack is full: does a function call itself without end?".to_owned())
        }
        None => Some(format!("The process ended: {status}.")),
    }
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
    command
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = group.spawn(command).with_context(|| format!("starting {command:?}"))?;
    limit_memory(&child);
    let stdout = keep(child.stdout.take().context("standard output")?);
    let stderr = keep(child.stderr.take().context("standard error")?);
    let status = wait(&mut child, limit);
    // Whatever the test has started ends with it, and lets go of the pipes.
    drop(group);
    let status = status?;
    let text = |kept: Kept| {
        // An answer may print what would clear the screen, or worse.
        let text = anstream::adapter::strip_str(&kept.text()).to_string();
        text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "")
    };
    Ok(Run { status, stdout: text(stdout), stderr: text(stderr) })
}

/// What was read from a pipe so far: its beginning, and the last lines, where libtest says how it
/// ended.
struct Kept {
    bytes: Arc<Mutex<(Vec<u8>, Vec<u8>)>>,
    end: Receiver<()>,
}

/// Reads to the end on a thread of its own, so that the child never blocks on a full pipe.
fn keep(mut pipe: impl Read + Send + 'static) -> Kept {
    let bytes = Arc::new(Mutex::new((Vec::new(), Vec::new())));
    let shared = bytes.clone();
    let (done, end) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(n @ 1..) = pipe.read(&mut buffer) {
            let mut bytes = shared.lock().expect("kept bytes: no one panics while holding them");
            let (beginning, tail) = &mut *bytes;
            let (first, rest) = buffer[..n].split_at(n.min(KEPT - beginning.len()));
            beginning.extend_from_slice(first);
            tail.extend_from_slice(rest);
            let surplus = tail.len().saturating_sub(buffer.len());
            tail.drain(..surplus);
        }
        let _ = done.send(());
    });
    Kept { bytes, end }
}

impl Kept {
    fn text(self) -> String {
        // All who could write have ended, except what cannot be found (see `ProcessGroup`). That need
        // not end before we go on: what the test itself wrote has long been read by then.
        let _ = self.end.recv_timeout(Duration::from_secs(10));
        let (mut bytes, tail) =
            std::mem::take(&mut *self.bytes.lock().expect("kept bytes: no one panics with them"));
        bytes.extend(tail);
        String::from_utf8_lossy(&bytes).into_owned()
    }
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
