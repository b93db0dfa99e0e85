//! Runs one test in a process of its own, whatever the answer in it does: it may loop, block,
//! print without end, or exit.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::process_group::ProcessGroup;

/// How much of each of a test's two outputs is kept from its beginning. Of the rest only the last few
/// lines are.
const KEPT: u64 = 256 * 1024;

/// How much memory a test may take. An answer that collects without end must not take the
/// machine with it.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 4 << 30;

/// How a test ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// It did not; this is why, for the learner.
    Failed(String),
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
    // --nocapture: what the test says must arrive even when its process is killed.
    let run = run(Command::new(program).args(["--exact", name, "--nocapture"]), limit)?;
    Ok(judge(&run, name, limit))
}

fn judge(run: &Run, name: &str, limit: Duration) -> Outcome {
    let explained = || explanation(&run.stderr, name);
    let Some(status) = run.status else {
        let why = explained().unwrap_or_else(|| {
            format!(
                "No end after {} s. Something here loops for ever, or waits for something that \
                 nobody will do.",
                limit.as_secs()
            )
        });
        return Outcome::Failed(why);
    };
    // The exit status alone proves nothing: an answer may have called `exit`. Who prints libtest's
    // last line as well wants to be deceived: the answers are in the same folder.
    let last_line = run.stdout.lines().rfind(|line| !line.is_empty()).unwrap_or_default();
    let finished = last_line.starts_with("test result: ok. 1 passed; 0 failed; 0 ignored");
    match explained() {
        _ if status.success() && finished => Outcome::Passed,
        Some(why) => Outcome::Failed(why),
        None if status.code().is_some() && !run.stdout.contains("test result:") => {
            Outcome::Failed(format!(
                "The process ended ({status}) before the test was over. Does your code call \
                 `std::process::exit`?{}",
                run.last_words()
            ))
        }
        None => Outcome::Failed(format!("The process ended: {status}.{}", run.last_words())),
    }
}

/// What the test says of its failure: the words of the watchdog or of a background thread that
/// died, or the message of the panic on the test's own thread, or of the first panic anywhere.
fn explanation(stderr: &str, test: &str) -> Option<String> {
    let instrument = |line: &str| {
        let words = line.strip_prefix("testkit: ")?;
        let (_, words) = words.split_once(": ")?;
        Some(in_a_learners_words(words))
    };
    if let Some(words) = stderr.lines().rev().find_map(instrument) {
        return Some(words);
    }
    let mut panics = Vec::new();
    let mut lines = stderr.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((thread, place)) = panic_header(line) else { continue };
        let mut message = String::new();
        let ends = |line: &&str| {
            line.starts_with("note: run with `RUST_BACKTRACE=") || panic_header(line).is_some()
        };
        while let Some(line) = lines.next_if(|line| !ends(line)) {
            message += line;
            message.push('\n');
        }
        panics.push((thread, place, message.trim_end().to_owned()));
    }
    let own = panics.iter().position(|(thread, ..)| *thread == test || *thread == "main");
    let (_, place, message) = panics.into_iter().nth(own.unwrap_or(0))?;
    Some(readable(place, message))
}

/// `thread 'NAME' (ID) panicked at PLACE:` gives the name and the place.
fn panic_header(line: &str) -> Option<(&str, &str)> {
    let (thread, rest) = line.strip_prefix("thread '")?.split_once('\'')?;
    let (_, place) = rest.split_once(" panicked at ")?;
    Some((thread, place.strip_suffix(':').unwrap_or(place)))
}

/// The message first, and where a panic of the answer itself stands.
fn readable(place: &str, message: String) -> String {
    let message = shortened(&in_a_learners_words(&message));
    match place.rsplit(['/', '\\']).next() {
        Some(file) if file.starts_with("exercise.rs") => format!("{message}\n(at {place})"),
        _ => message,
    }
}

/// The first 40 lines, and of each the first 2,000 characters: an answer may panic with a megabyte.
fn shortened(message: &str) -> String {
    const LINES: usize = 40;
    const CHARACTERS: usize = 2000;
    let cut = |line: &str| match line.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    };
    let mut lines: Vec<_> = message.lines().take(LINES).map(cut).collect();
    let more = message.lines().count().saturating_sub(LINES);
    if more > 0 {
        lines.push(format!("… and {more} lines more"));
    }
    lines.join("\n")
}

/// A message without the words that the standard library puts around it.
fn in_a_learners_words(message: &str) -> String {
    match message.strip_prefix("not yet implemented: ") {
        Some(task) => format!("Not written yet: {task}"),
        None => {
            let assertion = message.strip_prefix("assertion `left == right` failed: ");
            assertion.unwrap_or(message).to_owned()
        }
    }
}

/// What a process left behind.
struct Run {
    /// `None`: it was killed at its limit.
    status: Option<ExitStatus>,
    stdout: String,
    stderr: String,
}

impl Run {
    /// The end of what it wrote to standard error, if anything.
    fn last_words(&self) -> String {
        let lines: Vec<_> = self.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(5)..];
        if last.is_empty() {
            String::new()
        } else {
            format!("\nIts last words:\n{}", last.join("\n"))
        }
    }
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
    let text = |kept: Receiver<Vec<u8>>| {
        let bytes = kept.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
        // An answer may print what would clear the screen, or worse.
        let text = anstream::adapter::strip_str(&String::from_utf8_lossy(&bytes)).to_string();
        text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "")
    };
    Ok(Run { status, stdout: text(stdout), stderr: text(stderr) })
}

/// Waits for the child's end, and brings it about at the limit.
pub fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(500);
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    // It may have ended in the last pause.
    if let Some(status) = child.try_wait()? {
        return Ok(Some(status));
    }
    // It fails only for a child that has ended meanwhile.
    let _ = child.kill();
    child.wait()?;
    Ok(None)
}

/// Reads to the end on a thread of its own, so that the child never blocks on a full pipe;
/// keeps the beginning, and the last lines, where libtest says how it ended.
fn keep(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (done, kept) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = (&mut pipe).take(KEPT).read_to_end(&mut bytes);
        let mut tail = Vec::new();
        let mut buffer = [0; 16 * 1024];
        while let Ok(n @ 1..) = pipe.read(&mut buffer) {
            tail.extend_from_slice(&buffer[..n]);
            let surplus = tail.len().saturating_sub(buffer.len());
            tail.drain(..surplus);
        }
        bytes.extend(tail);
        let _ = done.send(bytes);
    });
    kept
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panic_on_the_tests_own_thread_explains() {
        let stderr = "\nthread 'worker' (12) panicked at x/exercise.rs:1:1:\nboom\nnote: run with `RUST_BACKTRACE=1`\n\
                      \nthread 'my_test' (11) panicked at x/tests.rs:9:5:\nM1: told\nin two lines\nnote: run with `RUST_BACKTRACE=1` …\n";
        assert_eq!(explanation(stderr, "my_test").unwrap(), "M1: told\nin two lines");
        assert_eq!(explanation(stderr, "other").unwrap(), "boom\n(at x/exercise.rs:1:1)");
    }

    #[test]
    fn the_watchdog_is_heard_before_any_panic() {
        let stderr = "thread 'my_test' panicked at tests.rs:1:1:\nboom\ntestkit: hang: M2: nobody wakes you\n";
        assert_eq!(explanation(stderr, "my_test").unwrap(), "M2: nobody wakes you");
    }

    #[test]
    fn a_task_and_an_assertion_lose_the_words_around_them() {
        let todo = "thread 't' panicked at a/exercise.rs:3:5:\nnot yet implemented: read a piece\n";
        assert_eq!(
            explanation(todo, "t").unwrap(),
            "Not written yet: read a piece\n(at a/exercise.rs:3:5)"
        );
        let assertion = "thread 't' panicked at a/tests.rs:3:5:\nassertion `left == right` failed: M3: so\n  left: 1\n right: 2\n";
        assert_eq!(explanation(assertion, "t").unwrap(), "M3: so\n  left: 1\n right: 2");
    }
}
