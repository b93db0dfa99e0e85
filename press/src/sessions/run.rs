//! Runs all sessions, and says which of them the book shows as they are.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use diffy::DiffOptions;
use workshop::own_target::lock;

use super::format::Session;
use super::process::shell;
use super::replay::Stage;

/// The folder of the session files, below that of the workspace.
pub(crate) const FOLDER: &str = "book/sessions";

/// Where the servers of sessions listen, those of readers too.
const ADDRESS: &str = "127.0.0.1:7878";

/// What not every system has: what a command contains that needs it, a line of the shell that fails
/// without it, what is said then, and whether it can be had.
const NEEDS: [(&str, &str, &str, bool); 5] = [
    ("", "true", "there is no Unix shell", false),
    ("/proc/", "test -e /proc/self/status", "it looks into /proc, which is Linux's", false),
    // The shell soon sleeps until cat has ended.
    (
        "/wchan",
        "test $(sleep 0.1; cat /proc/$$/wchan) != 0",
        "this system hides where its kernel sleeps",
        false,
    ),
    ("nc ", "command -v nc", "`nc` is not there: install it", true),
    ("pgrep ", "command -v pgrep", "`pgrep` is not there: install it", true),
];

/// Runs every session below WORKSPACE/book/sessions that this system can show; which it cannot is said on
/// standard error. With `bless`, what was found is written there. Returns how many were run, and what is
/// wrong, in sentences.
///
/// # Errors
/// A session cannot be read or written.
pub(crate) fn run(root: &Path, bless: bool) -> anyhow::Result<(usize, Vec<String>)> {
    // Whatever workspace it is of, another test would meet our servers, and we its.
    // (A lock of another user cannot be opened: then it is enough to find the port taken.)
    let _one_at_a_time = lock(&std::env::temp_dir().join("async-rust-sessions.lock"), &|_| ());
    let (mut sessions, mut failures) = (Vec::new(), Vec::new());
    for file in files(root)? {
        let text = std::fs::read_to_string(root.join(&file));
        let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
        match Session::parse(&file, text) {
            Ok(session) => sessions.push(session),
            Err(error) => failures.push(error.to_string()),
        }
    }
    let in_ci = std::env::var_os("CI").is_some();
    sessions.retain(|session| {
        let Some((lack, can_be_had)) = lack(session) else { return true };
        let sentence = format!("{}: {lack}", session.file.display());
        // There, what can be had is.
        if in_ci && can_be_had {
            failures.push(sentence);
        } else {
            eprintln!("skipped: {sentence}");
        }
        false
    });
    if let Err(error) = build(root, &sessions) {
        failures.push(format!("{error:#}"));
        return Ok((0, failures));
    }
    let quiet = Duration::from_millis(if bless { 500 } else { 100 });
    let stage = Stage { root, limit: Duration::from_secs(120), quiet };
    for session in &sessions {
        match stage.replay(session) {
            Err(error) => failures.push(format!("{error:#}")),
            Ok(found) if found == session.text => {}
            Ok(found) if bless => std::fs::write(root.join(&session.file), found)
                .with_context(|| session.file.display().to_string())?,
            Ok(found) => failures.push(format!(
                "{}: a run shows something else. If it is right: cargo workshop book test --bless\n{}",
                session.file.display(),
                DiffOptions::new()
                    .set_original_filename("the book")
                    .set_modified_filename("this run")
                    .create_patch(&session.text, &found)
            )),
        }
    }
    Ok((sessions.len(), failures))
}

/// All session files, relative to the workspace, in order.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let names = workshop::workspace::files(&root.join(FOLDER), "txt")?.into_iter();
    Ok(names.map(|name| Path::new(FOLDER).join(name)).collect())
}

/// What a session needs that this system does not have, and whether it can be had.
fn lack(session: &Session) -> Option<(&'static str, bool)> {
    if session.text.contains(ADDRESS) && TcpListener::bind(ADDRESS).is_err() {
        return Some((
            "its server needs 127.0.0.1:7878, where another one listens: stop that",
            true,
        ));
    }
    let fails = |line: &str| {
        let mut test = shell(line, Path::new("."));
        !test.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|end| end.success())
    };
    let lacks = NEEDS.into_iter().find(|(words, line, ..)| session.uses(words) && fails(line));
    lacks.map(|(_, _, sentence, can_be_had)| (sentence, can_be_had))
}

/// Builds the packages that the sessions run, so that they wait for no compiler, and find what they name
/// by its path.
fn build(root: &Path, sessions: &[Session]) -> anyhow::Result<()> {
    let commands = sessions.iter().flat_map(|session| &session.steps).map(|step| &step.command);
    let named = commands.filter_map(|command| command.split_once("cargo run -q -p "));
    let mut packages: BTreeSet<_> = named.filter_map(|(_, rest)| rest.split(' ').next()).collect();
    if sessions.iter().any(|session| session.uses("cargo workshop")) {
        packages.insert("workshop");
    }
    // One by one, as `cargo run` builds them: together, their dependencies may have other features.
    for package in packages {
        let line = format!("cargo build -q --bins --examples -p {package}");
        let status = shell(&line, root).status().context("starting sh")?;
        ensure!(status.success(), "what the book runs does not compile: {line}");
    }
    Ok(())
}
