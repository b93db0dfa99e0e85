//! Runs all sessions, and says which of them the book shows as they are.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use workshop::own_target::lock;
use workshop::process_group::ProcessGroup;

use super::difference::difference;
use super::format::{Session, Step};
use super::programs::{Programs, packages};
use super::replay::{Limits, Stage};

/// The folder of the session files, below that of the workspace.
pub(crate) const FOLDER: &str = "book/sessions";

/// Where the servers of sessions listen, those of readers too.
const ADDRESS: &str = "127.0.0.1:7878";

/// What not every system has of the commands that sessions use.
const TOOLS: [&str; 2] = ["nc", "pgrep"];

/// What came of all sessions.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// How many there are.
    pub(crate) sessions: usize,
    /// How many this system cannot show. Why was said on standard error.
    pub(crate) skipped: usize,
    /// How many were written anew.
    pub(crate) written: usize,
    /// What is wrong with the others, one sentence or more for each.
    pub(crate) failures: Vec<String>,
}

/// Runs every session below WORKSPACE/book/sessions. With `bless`, what was found is written into
/// those that show something else.
///
/// # Errors
/// The folder cannot be read, or a file not be written.
pub(crate) fn run(root: &Path, bless: bool) -> anyhow::Result<Report> {
    // Whatever workspace it is of, another test would meet our servers, and we its.
    // (A lock of another user cannot be opened: then it is enough to find the port taken.)
    let _one_at_a_time = lock(&std::env::temp_dir().join("async-rust-sessions.lock"), &|_| ());
    let limits = Limits {
        command: Duration::from_secs(60),
        shown: Duration::from_secs(5),
        quiet: Duration::from_millis(if bless { 500 } else { 100 }),
    };
    run_within(limits, root, bless)
}

/// All session files, relative to the workspace, in order.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let names = workshop::workspace::files(&root.join(FOLDER), "txt")?.into_iter();
    Ok(names.map(|name| Path::new(FOLDER).join(name)).collect())
}

fn run_within(limits: Limits, root: &Path, bless: bool) -> anyhow::Result<Report> {
    let files = files(root)?;
    let mut report = Report { sessions: files.len(), ..Report::default() };
    if cfg!(not(unix)) {
        eprintln!("skipped: sessions are replayed where there is a Unix shell");
        report.skipped = report.sessions;
        return Ok(report);
    }
    let mut sessions = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(root.join(&file));
        let text = text.with_context(|| format!("{} cannot be read", file.display()));
        match text.and_then(|text| Session::parse(&file, text)) {
            Ok(session) => sessions.push(session),
            Err(error) => report.failures.push(format!("{error:#}")),
        }
    }
    let steps = sessions.iter().flat_map(|session| &session.steps);
    let programs = match Programs::build(root, &packages(steps.map(|step| step.command.as_str()))) {
        Ok(programs) => programs,
        Err(error) => {
            report.failures.push(format!("{error:#}"));
            return Ok(report);
        }
    };
    let stage = Stage { root, programs: &programs, limits };
    let in_ci = std::env::var_os("CI").is_some();
    let path = std::env::var_os("PATH").unwrap_or_default();
    for session in &sessions {
        let file = session.file.display();
        let result = match skipped(session, &path, in_ci) {
            Ok(Some(why)) => {
                eprintln!("skipped: {file}: {why}");
                report.skipped += 1;
                continue;
            }
            Ok(None) => stage.replay(session),
            Err(error) => Err(error),
        };
        match result.map(|found| (differences(session, &found), found)) {
            Ok((differences, found)) if bless && !differences.is_empty() => {
                std::fs::write(root.join(&session.file), session.with(&found))
                    .with_context(|| file.to_string())?;
                report.written += 1;
            }
            Ok((differences, _)) => report.failures.extend(differences),
            Err(error) => report.failures.push(format!("{error:#}")),
        }
    }
    Ok(report)
}

/// Why a session is not run on this system, if it is not.
///
/// # Errors
/// What it lacks can be had, and CI is set.
fn skipped(session: &Session, path: &OsStr, in_ci: bool) -> anyhow::Result<Option<String>> {
    if session.uses("/proc/") && !Path::new("/proc/self/status").exists() {
        return Ok(Some("it looks into /proc, which is Linux's".into()));
    }
    if session.uses("/wchan") && !kernel_tells() {
        return Ok(Some("this system hides where its kernel sleeps (wchan is 0)".into()));
    }
    let missing = missing(session, path);
    if let Some(sentence) = missing.as_ref().filter(|_| in_ci) {
        bail!("{}: {sentence}. Where CI is set, this is not skipped.", session.file.display());
    }
    Ok(missing)
}

/// Whether this system's kernel tells where a process sleeps, as the shell of a group soon does.
fn kernel_tells() -> bool {
    let tells = |group: &ProcessGroup| {
        std::thread::sleep(Duration::from_millis(1));
        let place = std::fs::read_to_string(format!("/proc/{}/wchan", group.id()));
        place.is_ok_and(|place| !matches!(place.as_str(), "" | "0"))
    };
    ProcessGroup::new().is_ok_and(|group| (0..100).any(|_| tells(&group)))
}

/// What a session needs that is missing, and can be had.
fn missing(session: &Session, path: &OsStr) -> Option<String> {
    let is_used = |tool: &str| session.uses(&format!("{tool} "));
    let is_there = |tool: &str| std::env::split_paths(path).any(|in_| in_.join(tool).is_file());
    if let Some(tool) = TOOLS.into_iter().find(|tool| is_used(tool) && !is_there(tool)) {
        return Some(format!("`{tool}` is not installed: install it"));
    }
    let serves =
        session.steps.iter().flat_map(|step| &step.body).any(|line| line.contains(ADDRESS));
    (serves && TcpListener::bind(ADDRESS).is_err())
        .then(|| format!("another server listens on {ADDRESS}: stop it"))
}

/// A sentence for each step that should show something else than it does.
fn differences(session: &Session, found: &[Vec<String>]) -> Vec<String> {
    let steps = session.steps.iter().zip(found);
    let differ = steps.filter(|(step, found)| step.body != **found);
    let sentence = |(step, found): (&Step, &Vec<String>)| {
        format!(
            "{}: `{}` does not print what the book shows (-: the book, +: this run):\n{}\n  If this run is right: cargo workshop book test --bless",
            step.place,
            step.command,
            difference(&step.body, found)
        )
    };
    differ.map(sentence).collect()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    const FILE: &str = "book/sessions/01/x.txt";

    const LONG: Duration = Duration::from_secs(30);

    /// Limits that a correct session never meets, but for `quiet`, which is how the runner knows that a
    /// server waits.
    const LIMITS: Limits = Limits { command: LONG, shown: LONG, quiet: Duration::from_millis(50) };

    fn run(text: &str, bless: bool) -> (Report, String) {
        run_in(&Workspace::empty(), LIMITS, text, bless)
    }

    fn run_in(workspace: &Workspace, limits: Limits, text: &str, bless: bool) -> (Report, String) {
        workspace.write(FILE, text);
        let report = run_within(limits, workspace.path(), bless).unwrap();
        (report, std::fs::read_to_string(workspace.path().join(FILE)).unwrap())
    }

    /// A session of one terminal.
    fn terminal(lines: &str) -> String {
        format!("ANCHOR: a\n{lines}ANCHOR_END: a\n")
    }

    /// A server and a client, in the words of the shell.
    fn server_and_client(server: &str) -> String {
        format!(
            "ANCHOR: server\n$ (echo listening on 127.0.0.1:4000; echo 1.5ms; sleep 1000)\n{server}ANCHOR_END: server\n\
             ANCHOR: client\n$ cat\n> hello\nhello\n$ echo a\na\nANCHOR_END: client\n"
        )
    }

    #[test]
    fn a_session_that_differs_is_a_sentence_with_the_lines_that_differ() {
        let text = terminal("$ echo a; echo b >&2; printf c\na\nx\nc\n");
        let (report, text) = run(&text, false);
        assert_eq!(
            report.failures,
            [format!(
                "{FILE}:2: `echo a; echo b >&2; printf c` does not print what the book shows (-: the book, +: this run):\n  - x\n  + b\n  If this run is right: cargo workshop book test --bless"
            )]
        );
        assert!(text.contains("\nx\n"), "nothing is written unasked");
    }

    #[test]
    fn bless_writes_what_was_found_and_keeps_the_rest() {
        let (report, text) = run(&server_and_client(""), true);
        assert!(report.failures.is_empty() && report.written == 1, "{report:?}");
        assert_eq!(text, server_and_client("listening on 127.0.0.1:4000\n…ms\n"));
        let (report, _) = run(&text, true);
        assert_eq!(report.written, 0, "what is right is not written");
        let (report, _) = run(&text, false);
        assert!(report.failures.is_empty() && report.sessions == 1, "{report:?}");
    }

    #[test]
    fn what_only_looks_is_run_until_it_sees_and_nothing_else_is() {
        let text = "ANCHOR: a\n$ (echo listening on 127.0.0.1:4000; sleep 0.2; echo x > log; sleep 1000)\n\
                    listening on 127.0.0.1:4000\nANCHOR_END: a\n\
                    ANCHOR: b\n$ : /proc/; grep -c x log\n1\nANCHOR_END: b\n";
        assert_eq!(run(text, false).0.failures, [""; 0]);
        let text = terminal("$ echo x >> log; grep -c x log\n3\n");
        assert!(run(&text, false).0.failures[0].contains("- 3\n  + 1"));
    }

    #[test]
    fn who_has_ended_does_not_pass_for_one_that_waits() {
        // Each of these ends by itself, and may take its time.
        let limits = Limits { quiet: LONG, ..LIMITS };
        let run =
            |lines: &str| run_in(&Workspace::empty(), limits, &terminal(lines), false).0.failures;
        let says = |words: &str| format!("$ (echo listening on x; echo {words})\nlistening on x\n");
        for lines in ["$ echo goodbye\n> hello\ngoodbye\n> is anybody there?\n", &says("gone")] {
            assert!(run(lines)[0].contains("has ended"), "{lines}");
        }
        let shown = says("Error: gone") + "Error: gone\n";
        assert_eq!(run(&shown), [""; 0], "the book shows that it has ended");
    }

    #[test]
    fn a_tool_that_is_missing_is_skipped_but_not_in_ci() {
        let text = terminal("$ echo a\n$ cat x | nc 127.0.0.1 1\n");
        let session = Session::parse(Path::new("x.txt"), text).unwrap();
        let tools = Workspace::empty();
        let skipped = |in_ci| skipped(&session, tools.path().as_os_str(), in_ci);
        assert_eq!(skipped(false).unwrap().unwrap(), "`nc` is not installed: install it");
        let error = skipped(true).unwrap_err().to_string();
        assert!(error.starts_with("x.txt: `nc` is not installed: install it"), "{error}");
        tools.write("nc", "");
        assert_eq!(skipped(true).unwrap(), None);
    }

    #[test]
    fn a_hanging_command_is_ended_and_leaves_nothing() {
        let workspace = Workspace::empty();
        let limits = Limits { command: Duration::from_secs(3), ..LIMITS };
        let text = terminal("$ echo $$ > id; echo hello; sleep 1000\n");
        let failures = run_in(&workspace, limits, &text, false).0.failures.join("\n");
        let end = "did not end within 3 s";
        assert!(failures.contains(":2: `echo $$") && failures.contains(end), "{failures}");
        assert!(failures.contains("+ hello"), "{failures}");
        let id = std::fs::read_to_string(workspace.path().join("id")).unwrap();
        let alive = std::process::Command::new("kill").args(["-0", id.trim()]).output();
        assert!(!alive.unwrap().status.success(), "the process {id} is still there");
    }
}
