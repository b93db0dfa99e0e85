//! Checks the ```console blocks of pages: each shows a session that is replayed, or what the reader
//! shall type.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{scan, sessions};

/// What is wrong with the console blocks of a page: lines, counted from 1, and sentences.
///
/// That includes resolve, other checks see to.
pub(super) fn problems(page: &str) -> Vec<(usize, String)> {
    let mut problems = Vec::new();
    let fences = scan::outline(page).fences.into_iter();
    for fence in fences.filter(|fence| fence.words.contains(&"console")) {
        if fence.words.contains(&"try") {
            let lines = (fence.line + 1..).zip(fence.body);
            let message = "a ```console,try block holds commands and no output: begin the line with `$ `, or make a session of it.";
            let others = lines.filter(|(_, text)| !text.starts_with("$ "));
            problems.extend(others.map(|(line, _)| (line, message.to_owned())));
        } else if !shows_a_session(&fence.body) {
            let message = format!(
                "a console block is one `{{{{#include}}}}` of a file below {}, which `cargo workshop book test` replays: move these lines there. (What needs a person stands in a ```console,try block, without its output.)",
                sessions::run::FOLDER
            );
            problems.push((fence.line, message));
        }
    }
    problems
}

fn shows_a_session(body: &[&str]) -> bool {
    let [line] = body else { return false };
    let include = line.strip_prefix("{{#include ../").and_then(|line| line.split_once("}}"));
    include.is_some_and(|(file, rest)| {
        file.trim_start_matches("../").starts_with("sessions/") && rest.trim_end().is_empty()
    })
}

/// Session files that no page includes, relative to the workspace, with a sentence for each.
/// `included` are the files that pages include.
///
/// # Errors
/// The folder of the sessions cannot be read.
pub(super) fn unused(
    workspace: &Path,
    included: &BTreeSet<PathBuf>,
) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let is_used = |file: &PathBuf| {
        workspace.join(file).canonicalize().is_ok_and(|file| included.contains(&file))
    };
    let message = "no page includes a terminal of this session: include one in a ```console block, or remove the file.";
    let files = sessions::run::files(workspace)?.into_iter();
    Ok(files.filter(|file| !is_used(file)).map(|file| (file, message.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn a_console_block_is_one_session() {
        for page in
            ["```console\n{{#include ../../sessions/01/x.txt:a}}\n```\n", "```text\n$ ls\n```\n"]
        {
            assert_eq!(problems(page), []);
        }
        for body in [
            "$ echo b\nb",
            "$ cargo workshop",
            "{{#include ../other.txt}}",
            "{{#include ../sessions/01/x.txt:a}} x",
            "{{#include ../sessions/01/x.txt:a}}\nmore",
            "",
        ] {
            let found = problems(&format!("a\n\n```console\n{body}\n```\n"));
            assert_eq!(found.len(), 1, "{body}");
            assert_eq!(found[0].0, 3);
            assert!(found[0].1.starts_with("a console block is one `{{#include}}`"), "{found:?}");
        }
    }

    #[test]
    fn what_the_reader_types_has_no_output() {
        assert_eq!(problems("```console,try\n$ cargo workshop\n$ nc 127.0.0.1 7878\n```\n"), []);
        let found = problems("```console,try\n$ cargo workshop\nbuilding\n```\n");
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3]);
        assert!(found[0].1.contains("commands and no output"), "{found:?}");
    }

    #[test]
    fn a_session_that_no_page_includes_is_named() {
        let workspace = Workspace::empty();
        workspace.write("book/sessions/01/x.txt", "");
        let file = workspace.path().join("book/sessions/01/x.txt").canonicalize().unwrap();
        assert_eq!(unused(workspace.path(), &[file].into()).unwrap(), []);
        let found = unused(workspace.path(), &BTreeSet::new()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, Path::new("book/sessions/01/x.txt"));
    }
}
