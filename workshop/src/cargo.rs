//! Builds test programs with cargo, and sorts its messages by target.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::run::output;

/// The result of one target.
#[derive(Default)]
pub(crate) struct Built {
    /// The test program, if it could be built.
    pub(crate) program: Option<PathBuf>,
    /// Why it could not be built.
    pub(crate) errors: Vec<Diagnostic>,
    /// What else the compiler remarked.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// A message of the compiler.
pub(crate) struct Diagnostic {
    /// Like `E0277`, if it has one.
    pub(crate) code: Option<String>,
    /// As rustc prints it, with the terminal's colours if the build asked for them.
    pub(crate) rendered: String,
}

/// Runs cargo in `folder`, from where upwards it reads `.cargo/config.toml`. The first argument is `build` or
/// `clippy`. A target that does not compile is part of the answer; with `colour`, the reasons are for a terminal.
///
/// # Errors
/// cargo itself failed: its own words are the message.
pub fn build(
    folder: &Path,
    target: &Path,
    arguments: &[impl AsRef<OsStr>],
    colour: bool,
) -> anyhow::Result<Targets> {
    let format = if colour { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut child = command()
        .current_dir(folder)
        .args(arguments)
        .args(["--quiet", "--keep-going", "--message-format", format])
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting cargo")?;
    let complaints = output::read(child.stderr.take().context("cargo's standard error")?);
    let stdout = child.stdout.take().context("cargo's standard output")?;
    let mut targets = HashMap::<PathBuf, Built>::new();
    let mut finished = false;
    for line in BufReader::new(stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else { continue };
        match message["reason"].as_str() {
            Some("compiler-artifact") => {
                if let (Some(source), Some(program)) =
                    (source(&message), message["executable"].as_str())
                {
                    targets.entry(source).or_default().program = Some(program.into());
                }
            }
            Some("compiler-message") => {
                if let Some(source) = source(&message) {
                    targets.entry(source).or_default().add(&message["message"]);
                }
            }
            Some("build-finished") => finished = true,
            _ => {}
        }
    }
    let status = child.wait().context("waiting for cargo")?;
    let complaints = complaints.recv().context("what cargo complains of")?;
    let targets = Targets(targets);
    let words = targets.other_errors() + complaints.trim();
    if let Some(advice) = advice(&words).filter(|_| !status.success()) {
        bail!("the cause is this machine, not your answer. {advice}\n\n{words}");
    }
    let is_explained = targets.0.values().any(|built| !built.errors.is_empty());
    if !(status.success() || finished && is_explained) {
        bail!("cargo failed:\n{}", complaints.trim());
    }
    Ok(targets)
}

/// What to do about it, if these words of rustc or cargo tell of the machine.
fn advice(words: &str) -> Option<&'static str> {
    let says = |text| words.contains(text);
    if says("No space left on device") || says("There is not enough space on the disk") {
        Some("The disk is full. To make room, `cargo clean` removes what was built here.")
    } else if says("linker `") || says("linking with `") {
        Some(
            "The linker is missing, or fails. One comes with a C compiler: `apt install gcc` on Debian and \
             Ubuntu, `xcode-select --install` on macOS. If RUSTFLAGS or a .cargo/config.toml names a linker \
             or flags for it, are they right?",
        )
    } else {
        None
    }
}

/// The cargo that started us.
pub(crate) fn command() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The result of each target, by the file that it begins with: names are not unique among packages.
#[derive(Default)]
pub struct Targets(HashMap<PathBuf, Built>);

impl Targets {
    /// Takes out the result of the target that begins with this file. A target that cargo did not
    /// mention was not built, without an error.
    pub(crate) fn take(&mut self, source: &Path) -> Built {
        self.0.remove(source).unwrap_or_default()
    }

    /// What stopped targets that others need, libraries above all.
    pub fn other_errors(&self) -> String {
        let errors = self.0.values().flat_map(|built| &built.errors);
        errors.map(|error| error.rendered.as_str()).collect()
    }
}

/// The file that the target of a message begins with.
fn source(message: &Value) -> Option<PathBuf> {
    message["target"]["src_path"].as_str().map(PathBuf::from)
}

impl Built {
    fn add(&mut self, message: &Value) {
        let diagnostic = Diagnostic {
            code: message["code"]["code"].as_str().map(str::to_owned),
            rendered: message["rendered"].as_str().unwrap_or_default().to_owned(),
        };
        let text = message["message"].as_str().unwrap_or_default();
        match message["level"].as_str() {
            // These two only count the others.
            Some("error") if text.starts_with("aborting due to") => {}
            Some("warning") if text.ends_with(" emitted") => {}
            Some("error" | "error: internal compiler error") => self.errors.push(diagnostic),
            Some("warning") => self.warnings.push(diagnostic),
            _ => {}
        }
    }
}
