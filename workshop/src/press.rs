//! The program that makes the book, `press`: built in the background, started, and listened to.
//!
//! It is no dependency, so that an exercise can be judged before mdBook is compiled.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::thread;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::cargo;
use crate::process_group::ProcessGroup;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../press/Cargo.toml");

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
    /// Whether cargo waits for another one, which builds in this folder.
    Waits(bool),
    Served(Served),
    /// A sentence: why there is no book, or no longer.
    Gone(String),
}

/// press while the dashboard is shown: cargo, which builds it and then becomes it. It ends with us,
/// whatever ends us.
pub(crate) struct Press {
    /// Where press reads what the page of progress shows.
    input: ChildStdin,
    _group: ProcessGroup,
}

impl Press {
    /// Builds press and has it serve the book of this workspace. Threads of their own call `tell` with
    /// the news.
    pub(crate) fn start(
        root: &Path,
        port: u16,
        tell: impl Fn(News) + Clone + Send + 'static,
    ) -> anyhow::Result<Self> {
        let group = ProcessGroup::new()?;
        let mut command = press();
        command.args(["serve", "--dashboard", "--port", &port.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = group.spawn(command.current_dir(root)).context("starting cargo")?;
        let input = child.stdin.take().context("the input of press")?;
        let output = BufReader::new(child.stdout.take().context("the output of press")?);
        let words = BufReader::new(child.stderr.take().context("the complaints of press")?);
        let say = tell.clone();
        let complaints = thread::spawn(move || complaints(words, &say));
        let follow = move || {
            for line in output.lines().map_while(Result::ok) {
                if let Ok(served) = serde_json::from_str(&line) {
                    tell(News::Served(served));
                }
            }
            let status = child.wait();
            let complaints = complaints.join().unwrap_or_default();
            // What press itself says comes last. If it was not built, the first error is the cause.
            let start = match status.as_ref().map(ExitStatus::code) {
                Ok(Some(3)) => complaints.rfind("\nerror: "),
                _ => complaints.find("\nerror"),
            };
            let why = complaints[start.unwrap_or(0)..].trim().trim_start_matches("error: ");
            let status = status.map_or_else(|error| error.to_string(), |s| s.to_string());
            tell(News::Gone(format!("{why} ({status})")));
        };
        thread::Builder::new().name("press".into()).spawn(follow).context("a thread for press")?;
        Ok(Self { input, _group: group })
    }

    /// Hands on a line of JSON for the page of progress, once the book is served: press reads nothing
    /// before.
    pub(crate) fn report(&self, report: &serde_json::Value) {
        // When press has ended, so does its output, and that is reported.
        let _ = writeln!(&self.input, "{report}");
    }
}

/// Reads what cargo and press complain of. Tells when cargo waits for another one, and no longer.
fn complaints(words: impl BufRead, tell: &impl Fn(News)) -> String {
    let (mut complaints, mut waits) = (String::new(), false);
    for line in words.lines().map_while(Result::ok) {
        if line.trim_start().starts_with("Blocking ") != waits {
            waits = !waits;
            tell(News::Waits(waits));
        }
        complaints += &format!("\n{line}");
    }
    complaints
}

/// Runs a command of press on the terminal, in our place.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<ExitStatus> {
    let mut command = press();
    command.args(arguments);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // A signal that ends this process ends press: cargo, too, becomes the program that it runs.
        Err(command.exec()).context("starting cargo")
    }
    #[cfg(not(unix))]
    command.status().context("starting cargo")
}

/// press, built and started by cargo. Not quietly: it says when it waits for another cargo.
fn press() -> Command {
    let mut command = cargo::command();
    command.args(["run", "--manifest-path", MANIFEST, "--"]);
    command
}
