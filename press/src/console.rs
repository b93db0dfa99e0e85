//! Checks the ```console blocks of pages: each shows a session that is replayed, or what the reader
//! shall type.

use super::{scan, sessions};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What is wrong with the console blocks of a page in `folder`: lines, counted from 1, and
/// sentences.
///
/// That includes resolve, other checks see to.
pub(super) fn problems(page: &str, folder: &Path, workspace: &Path) -> Vec<(usize, String)> {
    let fences = scan::outline(page).fences;
    let mut problems = Vec::new();
    for fence in fences.iter().filter(|fence| fence.words.contains(&"console")) {
        let lines = (fence.line + 1..).zip(fence.body.iter().copied());
        if fence.words.contains(&"try") {
            problems.extend(lines.filter_map(|(line, text)| Some((line, not_to_type(text)?))));
        } else if !shows_a_session(&fence.body, folder, workspace) {
            let message = format!(
                "a console block is one `{{{{#include}}}}` of a file below {}, which `cargo workshop book test` replays: move these lines there. (What needs a person stands in a ```console,try block, without its output.)",
                sessions::run::FOLDER
            );
            problems.push((fence.line, message));
        }
    }
    problems
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

/// Why a line of a `try` block is no command to type, if it is none.
fn not_to_type(line: &str) -> Option<String> {
    let message = "a ```console,try block holds commands and no output: begin the line with `$ `, or make a session of it.";
    (!line.starts_with("$ ")).then(|| message.to_owned())
}

fn shows_a_session(body: &[&str], folder: &Path, workspace: &Path) -> bool {
    let [line] = body else { return false };
    let directives = scan::directives(line);
    let [directive] = &directives[..] else { return false };
    if directive.name != "include" || directive.span != (0..line.trim_end().len()) {
        return false;
    }
    let target = directive.arguments.unwrap_or_default();
    let file = folder.join(target.split(':').next().unwrap_or_default());
    // A file that does not exist is told of by the check of includes.
    !file.is_file() || is_below(&file, &workspace.join(sessions::run::FOLDER))
}

fn is_below(file: &Path, folder: &Path) -> bool {
    let below = file.canonicalize().and_then(|file| Ok(file.starts_with(folder.canonicalize()?)));
    below.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    fn workspace() -> Workspace {
        let workspace = Workspace::empty();
        workspace.write("book/sessions/01/x.txt", "ANCHOR: a\n$ echo b\nb\nANCHOR_END: a\n");
        workspace.write("book/src/other.txt", "x\n");
        workspace
    }

    fn problems(page: &str) -> Vec<(usize, String)> {
        let workspace = workspace();
        super::problems(page, &workspace.path().join("book/src"), workspace.path())
    }

    #[test]
    fn a_console_block_is_one_session() {
        assert_eq!(problems("```console\n{{#include ../sessions/01/x.txt:a}}\n```\n"), []);
        for body in [
            "$ echo b\nb",
            "$ cargo workshop",
            "{{#include other.txt}}",
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
    fn other_blocks_are_free() {
        assert_eq!(problems("```text\n$ make\n```\n"), []);
    }

    #[test]
    fn a_session_that_no_page_includes_is_named() {
        let workspace = workspace();
        let file = workspace.path().join("book/sessions/01/x.txt").canonicalize().unwrap();
        assert_eq!(unused(workspace.path(), &[file].into()).unwrap(), []);
        let found = unused(workspace.path(), &BTreeSet::new()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, Path::new("book/sessions/01/x.txt"));
    }
}
