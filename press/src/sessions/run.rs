//! Runs all sessions, and says which of them the book shows as they are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

use super::difference::difference;
use super::format::{Session, Step};
use super::prepare::{packages, read, unable};
use super::programs::Programs;
use super::replay::{Limits, Stage, Stop, replay};

/// The folder of the session files, below that of the workspace.
pub(crate) const FOLDER: &str = "book/sessions";

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
    let quiet = Duration::from_millis(if bless { 500 } else { 100 });
    let limits = Limits {
        command: Duration::from_secs(60),
        lines: Duration::from_secs(5),
        state: Duration::from_secs(5),
        quiet,
        end: Duration::from_secs(2),
    };
    run_within(limits, root, bless)
}

/// All session files, relative to the workspace, in order.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(FOLDER)];
    while let Some(folder) = folders.pop().filter(|folder| root.join(folder).exists()) {
        let unread = || format!("{} cannot be read", folder.display());
        for entry in root.join(&folder).read_dir().with_context(unread)? {
            let path = folder.join(entry?.file_name());
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "txt") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
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
        match read(root, &file) {
            Ok(session) => sessions.push(session),
            Err(sentences) => report.failures.extend(sentences),
        }
    }
    let packages = sessions.iter().flat_map(packages).collect();
    let programs = match Programs::build(root, &packages) {
        Ok(programs) => programs,
        Err(error) => {
            report.failures.push(error);
            return Ok(report);
        }
    };
    let stage = Stage { root, programs: &programs, limits };
    let in_ci = std::env::var_os("CI").is_some();
    let path = std::env::var_os("PATH").unwrap_or_default();
    for session in &sessions {
        let result = match unable(session, &path, in_ci) {
            Some(stop) => Err(stop),
            None => replay(session, &stage),
        };
        let at = |index: usize| format!("{}:{}", session.file.display(), session.steps[index].line);
        match result {
            Ok(found) => {
                let differences = differences(session, &found);
                if bless && !differences.is_empty() {
                    std::fs::write(root.join(&session.file), session.with(&found))
                        .with_context(|| session.file.display().to_string())?;
                    report.written += 1;
                } else {
                    report.failures.extend(differences);
                }
            }
            Err(Stop::Failed(index, sentence)) => {
                report.failures.push(format!("{}: {sentence}", at(index)));
            }
            Err(Stop::Skipped(why)) => {
                eprintln!("skipped: {}: {why}", session.file.display());
                report.skipped += 1;
            }
        }
    }
    Ok(report)
}

/// A sentence for each step that shows something else than the file.
fn differences(session: &Session, found: &[Vec<String>]) -> Vec<String> {
    let steps = session.steps.iter().zip(found);
    let differ = steps.filter(|(step, found)| !step.matches(found));
    let sentence = |(step, found): (&Step, &Vec<String>)| {
        format!(
            "{}:{}: `{}` does not print what the book shows (-: the book, +: this run):\n{}\n  If this run is right: cargo workshop book test --bless",
            session.file.display(),
            step.line,
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

    /// Limits that a correct session never meets, but for that of a command, and `quiet`, which is how the
    /// runner knows that a server waits.
    fn limits(command: Duration) -> Limits {
        let long = Duration::from_secs(30);
        let quiet = Duration::from_millis(50);
        Limits { command, lines: long, state: Duration::from_secs(1), quiet, end: long }
    }

    fn run(text: &str, bless: bool) -> (Report, String) {
        run_with(limits(Duration::from_secs(30)), text, bless)
    }

    fn run_with(limits: Limits, text: &str, bless: bool) -> (Report, String) {
        let workspace = Workspace::empty();
        workspace.write(FILE, text);
        workspace.write("fixture.txt", "one\ntwo\n");
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
             ANCHOR: client\n$ cat\n> hello\nhello\n$ echo nc 127.0.0.1 7878\nnc 127.0.0.1 4000\nANCHOR_END: client\n"
        )
    }

    #[test]
    fn a_session_that_shows_what_happens_passes() {
        let lines = "$ cat fixture.txt\none\ntwo\n$ (echo a >&2; echo b)\na\nb\n";
        let (report, _) = run(&terminal(lines), false);
        assert!(report.failures.is_empty() && report.sessions == 1, "{report:?}");
    }

    #[test]
    fn a_server_stays_while_others_run_and_then_ends() {
        let text = server_and_client("listening on 127.0.0.1:7878\n…ms\n");
        let (report, _) = run(&text, false);
        assert!(report.failures.is_empty(), "{report:?}");
    }

    #[test]
    fn a_session_that_differs_is_a_sentence_with_the_lines_that_differ() {
        let (report, text) = run(&terminal("$ cat fixture.txt\none\nthree\n"), false);
        assert_eq!(
            report.failures,
            [format!(
                "{FILE}:2: `cat fixture.txt` does not print what the book shows (-: the book, +: this run):\n  - three\n  + two\n  If this run is right: cargo workshop book test --bless"
            )]
        );
        assert!(text.contains("three"), "nothing is written unasked");
    }

    #[test]
    fn bless_writes_what_was_found_and_keeps_the_rest() {
        let (report, text) = run(&server_and_client(""), true);
        assert!(report.failures.is_empty() && report.written == 1, "{report:?}");
        assert_eq!(text, server_and_client("listening on 127.0.0.1:7878\n…ms\n"));
        let (report, _) = run(&text, true);
        assert_eq!(report.written, 0, "what is right is not written");
    }

    #[test]
    fn what_only_looks_is_run_until_it_sees_and_nothing_else_is() {
        let text = "ANCHOR: a\n$ (echo listening on 127.0.0.1:1; sleep 0.2; echo x > log; sleep 1000)\n\
                    listening on 127.0.0.1:7878\nANCHOR_END: a\n\
                    ANCHOR: b\n$ grep -c x log\n1\nANCHOR_END: b\n";
        let long = Duration::from_secs(30);
        let patient = Limits { state: long, ..limits(long) };
        assert_eq!(run_with(patient, text, false).0.failures, [""; 0]);
        let text = terminal("$ echo x >> log; grep -c x log\n3\n");
        assert!(run(&text, false).0.failures[0].contains("- 3\n  + 1"));
    }

    #[test]
    fn who_has_ended_does_not_pass_for_one_that_waits() {
        // Each of these ends by itself, and may take its time.
        let patient = || {
            let long = Duration::from_secs(30);
            Limits { quiet: long, ..limits(long) }
        };
        let ended = |text: &str| {
            let (report, _) = run_with(patient(), text, false);
            assert!(report.failures[0].contains("has ended"), "{report:?}");
        };
        ended(&terminal("$ echo goodbye\n> hello\ngoodbye\n> is anybody there?\n"));
        ended(&terminal(
            "$ (echo listening on 127.0.0.1:1; echo gone)\nlistening on 127.0.0.1:7878\n",
        ));
        let (report, _) = run_with(
            patient(),
            &terminal(
                "$ (echo listening on 127.0.0.1:1; echo Error: gone)\n\
                 listening on 127.0.0.1:7878\nError: gone\n",
            ),
            false,
        );
        assert_eq!(report.failures, [""; 0], "the book shows that it has ended");
    }

    #[test]
    fn mistakes_are_found_before_anything_runs() {
        let (report, _) = run(&terminal("$ rm -r x\n$ cargo test\n"), false);
        let failures = report.failures.join("\n");
        assert!(
            failures.contains(&format!("{FILE}:2: `rm` is none of the commands")),
            "{failures}"
        );
        assert!(
            failures.contains(&format!("{FILE}:3: `cargo test` cannot be replayed")),
            "{failures}"
        );
    }

    #[test]
    fn a_hanging_command_is_ended_and_leaves_nothing() {
        let workspace = Workspace::empty();
        workspace.write(FILE, &terminal("$ echo $$ > id; echo hello; sleep 1000\n"));
        let report = run_within(limits(Duration::from_secs(3)), workspace.path(), false).unwrap();
        let failures = report.failures.join("\n");
        assert!(
            failures.contains(":2: `echo $$") && failures.contains("did not end within 3 s"),
            "{failures}"
        );
        assert!(failures.contains("+ hello"), "{failures}");
        let id = std::fs::read_to_string(workspace.path().join("id")).unwrap();
        let alive = std::process::Command::new("kill").args(["-0", id.trim()]).output();
        assert!(!alive.unwrap().status.success(), "the process {id} is still there");
    }
}
