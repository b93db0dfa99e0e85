//! Checks the ```console blocks of pages: each shows a session that is replayed, or what the reader
//! shall type.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::form::is_include;
use super::{scan, sessions};

/// What is wrong with the console blocks of a page: lines, counted from 1, and sentences.
///
/// That includes resolve, other checks see to.
pub(super) fn problems(page: &str) -> Vec<(usize, String)> {
    let mut problems = Vec::new();
    let is_session = |line: &&str| is_include(line) && line.contains("../sessions/");
    let fences = scan::outline(page).fences.into_iter();
    for fence in fences.filter(|fence| fence.words.contains(&"console")) {
        if fence.words.contains(&"try") {
            let lines = (fence.line + 1..).zip(fence.body);
            let message = "a ```console,try block holds commands and no output: begin the line with `$ `, or make a session of it.";
            let others = lines.filter(|(_, text)| !text.starts_with("$ "));
            problems.extend(others.map(|(line, _)| (line, message.to_owned())));
        } else if fence.body.len() != 1 || !fence.body.iter().all(is_session) {
            let message = format!(
                "a console block is one `{{{{#include}}}}` of a file below {}, which `cargo workshop book test` replays: move these lines there. (What needs a person stands in a ```console,try block, without its output.)",
                sessions::run::FOLDER
            );
            problems.push((fence.line, message));
        }
    }
    problems
}

/// Session files that no page includes, with a sentence for each. All files are relative to the
/// workspace.
///
/// # Errors
/// The folder of the sessions cannot be read.
pub(super) fn unused(
    workspace: &Path,
    included: &BTreeSet<PathBuf>,
) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let message = "no page includes a terminal of this session: include one in a ```console block, or remove the file.";
    let files = sessions::run::files(workspace)?.into_iter();
    let unused = files.filter(|file| !included.contains(file));
    Ok(unused.map(|file| (file, message.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_block_is_one_session() {
        for (body, is_wrong) in [
            ("{{#include ../../sessions/01/x.txt:a}}", false),
            ("$ echo b\nb", true),
            ("{{#include ../other.txt}}", true),
            ("{{#include ../sessions/01/x.txt:a}}\nmore", true),
            ("{{#include ../sessions/01/x.txt:a}} more", true),
            ("", true),
        ] {
            let found = problems(&format!("a\n\n```console\n{body}\n```\n"));
            assert_eq!(found.len(), usize::from(is_wrong), "{body}");
            let is_named = |(line, message): &(usize, String)| {
                *line == 3 && message.starts_with("a console block is one `{{#include}}`")
            };
            assert!(found.iter().all(is_named), "{found:?}");
        }
    }

    #[test]
    fn what_the_reader_types_has_no_output() {
        let page = "```console,try\n$ cargo workshop\n$ nc 127.0.0.1 7878\nbuilding\n```\n";
        let [(line, message)] = &problems(page)[..] else { panic!("one problem") };
        assert!(*line == 4 && message.contains("commands and no output"), "{line} {message}");
    }
}
