//! What can be known of a session before it is run: its mistakes, its programs, and whether this
//! system can show it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use super::addresses::{DEFAULT, announced};
use super::format::{Session, Step};
use super::known;
use super::programs::wanted;
use super::replay::Stop;
use super::shell::commands;

/// Reads a session, and checks what can be checked before it runs.
///
/// # Errors
/// A sentence for each mistake, with file and line.
pub(super) fn read(root: &Path, file: &Path) -> Result<Session, Vec<String>> {
    let text = std::fs::read_to_string(root.join(file)).map_err(|error| {
        vec![format!("{}:1: it cannot be read ({error}): save it as UTF-8 text.", file.display())]
    })?;
    let session = Session::parse(file, text).map_err(|sentence| vec![sentence])?;
    let mut sentences = Vec::new();
    for step in &session.steps {
        let known = known::check(&step.command).and_then(|()| {
            commands(&step.command)?.iter().try_for_each(|words| wanted(words).map(drop))
        });
        if let Err(sentence) = known.and_then(|()| usual_address(step)) {
            sentences.push(format!("{}:{}: {sentence}", file.display(), step.line));
        }
    }
    if sentences.is_empty() { Ok(session) } else { Err(sentences) }
}

/// Servers run on free ports here, so the address that the book shows is compared before: without an
/// address in the command it is the usual one.
///
/// # Errors
/// A sentence: it is another one.
fn usual_address(step: &Step) -> Result<(), String> {
    let shown = step.body.first().and_then(|line| announced(line));
    match shown {
        Some(shown) if shown != DEFAULT && !step.command.contains(shown) => Err(format!(
            "`{}` names no address, so a reader's listens on {DEFAULT}, not on {shown}: correct the line below it.",
            step.command
        )),
        _ => Ok(()),
    }
}

/// The packages whose programs a session names.
pub(super) fn packages(session: &Session) -> BTreeSet<&str> {
    let commands = session.steps.iter().filter_map(|step| commands(&step.command).ok());
    commands.flatten().filter_map(|words| wanted(&words).ok()??.0.package()).collect()
}

/// Why this system cannot show a session, if it cannot.
pub(super) fn unable(session: &Session, path: &OsStr, in_ci: bool) -> Option<Stop> {
    for (index, step) in session.steps.iter().enumerate() {
        if step.command.contains("/proc/") && !Path::new("/proc/self/status").exists() {
            return Some(Stop::Skipped("it looks into /proc, which is Linux's".into()));
        }
        let Ok(commands) = commands(&step.command) else { continue };
        if let Some(name) = known::missing(&commands, path) {
            return Some(match in_ci {
                true => Stop::Failed(
                    index,
                    format!(
                        "`{name}` is not installed. Where CI is set nothing is skipped for that: install it."
                    ),
                ),
                false => Stop::Skipped(format!("`{name}` is not installed")),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    fn session(lines: &str) -> Session {
        let text = format!("ANCHOR: a\n{lines}ANCHOR_END: a\n");
        Session::parse(Path::new("x.txt"), text).unwrap()
    }

    #[test]
    fn a_server_that_is_told_no_address_is_shown_on_the_usual_one() {
        let usual = |lines| usual_address(&session(lines).steps[0]);
        assert_eq!(usual("$ target/debug/a\nlistening on 127.0.0.1:7878\n"), Ok(()));
        assert_eq!(usual("$ a --addr 127.0.0.1:9\nlistening on 127.0.0.1:9\n"), Ok(()));
        assert_eq!(usual("$ echo a\nb\n"), Ok(()));
        let error = usual("$ target/debug/a\nlistening on 127.0.0.1:1234\n").unwrap_err();
        assert!(error.contains("listens on 127.0.0.1:7878, not on 127.0.0.1:1234"), "{error}");
    }

    #[test]
    fn the_packages_of_a_session_are_those_its_commands_name() {
        let lines = "$ cargo run -p b --example c\n$ (ulimit -n 9; target/debug/a)\n$ echo d\n";
        assert_eq!(packages(&session(lines)), ["a", "b"].into());
    }

    #[test]
    fn a_tool_that_is_missing_is_skipped_but_not_in_ci() {
        let session = session("$ echo a\n$ cat x | nc 127.0.0.1 1\n");
        let tools = Workspace::empty();
        tools.write("cat", "");
        let unable = |in_ci| unable(&session, tools.path().as_os_str(), in_ci);
        assert!(matches!(unable(false), Some(Stop::Skipped(why)) if why.contains("`nc`")));
        assert!(matches!(unable(true), Some(Stop::Failed(1, why)) if why.contains("install it")));
        tools.write("nc", "");
        assert!(unable(true).is_none());
    }
}
