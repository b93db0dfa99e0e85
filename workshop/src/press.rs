//! The program that makes the book, `press`: built in the background, started, and listened to.
//!
//! It is no dependency, so that an exercise can be judged before mdBook is compiled.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cargo;
use crate::process_group::{ProcessGroup, drained};

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../press/Cargo.toml");

const NO_PANIC: &str = "nothing panics while holding the state of press";

/// What press says to the dashboard, a line of JSON for each change.
#[derive(Debug, Serialize, Deserialize)]
pub struct Served {
    /// Where the book is, like `http://127.0.0.1:3000`.
    pub address: String,
    /// Why the last build of the book failed, if it did.
    pub error: Option<String>,
}

/// What became of the book.
pub(crate) enum News {
    Building,
    /// cargo lets one build into a target folder at a time.
    Waiting,
    Served(Served),
    /// A sentence: why there is no book, or no longer.
    Gone(String),
}

/// press while the dashboard is shown. It ends with us, whatever ends us: it reads the end of its
/// input, and a build of it is in a process group.
#[derive(Clone)]
pub(crate) struct Press(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Notified when `held` becomes false.
    released: Condvar,
}

#[derive(Default)]
struct State {
    /// cargo lets one build into a target folder at a time, and a verdict goes first.
    held: bool,
    /// What builds press.
    building: Option<ProcessGroup>,
    /// Where press reads what the page of progress shows.
    input: Option<ChildStdin>,
    /// What was said last: press may not have been there.
    report: String,
}

impl Press {
    /// Builds press and has it serve the book of this workspace, on a thread of its own that calls
    /// `tell` with the news. Before press has been built for the first time, which takes a while, it
    /// waits for [`Press::release`].
    ///
    /// # Errors
    /// No thread.
    pub(crate) fn start(
        root: &Path,
        port: u16,
        tell: impl Fn(News) + Send + 'static,
    ) -> anyhow::Result<Self> {
        let state = Mutex::new(State { held: !is_built(), ..State::default() });
        let press = Self(Arc::new(Shared { state, released: Condvar::new() }));
        let (ours, root) = (press.clone(), root.to_owned());
        let work = move || {
            let Err(error) =
                ours.build(&tell).and_then(|program| ours.serve(&program, &root, port, &tell))
            else {
                return;
            };
            tell(News::Gone(format!("{error:#}")));
        };
        thread::Builder::new().name("press".into()).spawn(work).context("a thread for the book")?;
        Ok(press)
    }

    /// Until it is released, press is not built: a build of it is stopped, and begins again then.
    pub(crate) fn hold(&self) {
        let mut state = self.lock();
        state.held = true;
        state.building = None;
    }

    pub(crate) fn release(&self) {
        self.lock().held = false;
        self.0.released.notify_all();
    }

    /// Hands on a line of JSON for the page of progress.
    pub(crate) fn report(&self, report: String) {
        let mut state = self.lock();
        state.report = report;
        state.tell();
    }

    /// Builds press, and returns its program.
    fn build(&self, tell: &impl Fn(News)) -> anyhow::Result<PathBuf> {
        loop {
            let mut child = self.start_build()?;
            let messages = drained(child.stdout.take());
            let words = BufReader::new(child.stderr.take().context("its standard error")?);
            let (mut complaints, mut waits) = (String::new(), false);
            for line in words.lines().map_while(Result::ok) {
                let status = line.trim_start();
                if status.starts_with("Blocking ") != waits {
                    waits = !waits;
                    tell(if waits { News::Waiting } else { News::Building });
                }
                // Before the first complaint: how far it is, which is indented.
                if !complaints.is_empty() || status == line {
                    complaints += &line;
                    complaints.push('\n');
                }
            }
            let status = child.wait().context("waiting for cargo")?;
            let mut state = self.lock();
            if state.building.take().is_none() {
                continue;
            }
            ensure!(
                status.success(),
                "the program that builds it does not compile:\n{}",
                complaints.trim()
            );
            let messages = messages.join().unwrap_or_default();
            let program = messages.lines().rev().find_map(executable);
            return program.context("cargo did not say where it put the program that builds it");
        }
    }

    fn start_build(&self) -> anyhow::Result<Child> {
        let held = self.0.released.wait_while(self.lock(), |state| state.held);
        let mut state = held.expect(NO_PANIC);
        let group = ProcessGroup::new()?;
        let mut command = on_press("build");
        command.args(["--message-format", "json-render-diagnostics"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = group.spawn(&mut command).context("starting cargo")?;
        state.building = Some(group);
        Ok(child)
    }

    /// Runs press, and tells what it says until it ends, which is an error.
    fn serve(
        &self,
        program: &Path,
        root: &Path,
        port: u16,
        tell: &impl Fn(News),
    ) -> anyhow::Result<()> {
        let mut child = Command::new(program)
            .args(["serve", "--dashboard", "--port", &port.to_string()])
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let complaints = drained(child.stderr.take());
        {
            let mut state = self.lock();
            state.input = child.stdin.take();
            state.tell();
        }
        let output = BufReader::new(child.stdout.take().context("its standard output")?);
        for line in output.lines().map_while(Result::ok) {
            if let Ok(served) = serde_json::from_str(&line) {
                tell(News::Served(served));
            }
        }
        let status = child.wait().context("waiting for it")?;
        let complaints = complaints.join().unwrap_or_default();
        bail!("{} ({status})", complaints.trim().trim_start_matches("error: "));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect(NO_PANIC)
    }
}

impl State {
    /// Hands the last report to press.
    fn tell(&mut self) {
        if let Some(input) = &mut self.input
            && !self.report.is_empty()
        {
            // When press has ended, so does its output, and that is reported.
            let _ = writeln!(input, "{}", self.report);
        }
    }
}

/// Runs a command of press on the terminal, in our place.
///
/// # Errors
/// cargo cannot be started.
pub(crate) fn run(arguments: &[&OsStr]) -> anyhow::Result<ExitStatus> {
    let mut command = on_press("run");
    command.arg("--").args(arguments);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // A signal that ends this process ends press: cargo, too, becomes the program that it runs.
        Err(command.exec()).context("starting cargo")
    }
    #[cfg(not(unix))]
    command.status().context("starting cargo")
}

/// cargo on the package press. Not quietly: it says when it waits for another cargo.
fn on_press(what: &str) -> Command {
    let mut command = cargo::command();
    command.args([what, "--manifest-path", MANIFEST]);
    command
}

/// Whether press has been built before: cargo puts it next to this program.
fn is_built() -> bool {
    std::env::current_exe().is_ok_and(|us| {
        us.with_file_name("press").with_extension(std::env::consts::EXE_EXTENSION).is_file()
    })
}

/// The program that one of cargo's messages names.
fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    Some(message["executable"].as_str()?.into())
}
