//! book/facts.toml: figures in the prose that are no measurements of ours, and where they come
//! from.

use super::markdown;
use super::problem::Problem;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;
use workshop::workspace::is_stage;

/// The file, from the workspace.
pub(super) const FILE: &str = "book/facts.toml";

/// A figure that is documented or chosen.
#[derive(Debug)]
pub(super) struct Fact {
    /// Where the file names it, counted from 1.
    pub(super) line: usize,
    /// Relative to book/src.
    pub(super) page: PathBuf,
    /// As the reader sees it, with as many words around it as it takes to be clear.
    pub(super) text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    fact: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    page: PathBuf,
    text: Spanned<String>,
    source: Spanned<String>,
}

/// What the file says, and what is wrong with its entries. A workspace without one has no facts.
///
/// # Errors
/// Why the file cannot be understood.
pub(super) fn read(workspace: &Path) -> Result<(Vec<Fact>, Vec<Problem>), Problem> {
    let text = match std::fs::read_to_string(workspace.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => {
            let message = format!("the file cannot be read ({error}): save it as UTF-8 text.");
            return Err(problem(1, message));
        }
    };
    let entries = match toml::from_str::<File>(&text) {
        Ok(file) => file.fact,
        Err(error) => {
            let line = error.span().map_or(1, |span| markdown::line(&text, span.start));
            let message = format!(
                "{}: write each entry as the head of this file shows.",
                error.message().replace('\n', " ")
            );
            return Err(problem(line, message));
        }
    };
    let mut facts = Vec::new();
    let mut problems = Vec::new();
    for entry in entries {
        let source = entry.source.get_ref();
        if let Some(message) = unfounded(source, workspace) {
            problems.push(problem(markdown::line(&text, entry.source.span().start), message));
        }
        let line = markdown::line(&text, entry.text.span().start);
        facts.push(Fact { line, page: entry.page, text: entry.text.into_inner() });
    }
    Ok((facts, problems))
}

/// Something is wrong with the file.
pub(super) fn problem(line: usize, message: String) -> Problem {
    Problem { file: FILE.into(), line, message }
}

/// What is wrong with a source, if anything.
fn unfounded(source: &str, workspace: &Path) -> Option<String> {
    if source.trim().is_empty() {
        return Some("this fact has no source: name the page or the file that says so.".to_owned());
    }
    let path = source.split([',', ' ']).next().unwrap_or_default();
    let (folder, _) = path.split_once('/')?;
    let is_ours = is_stage(folder) || workspace.join(folder).is_dir();
    (is_ours && !workspace.join(path).is_file()).then(|| {
        format!("the source `{path}` does not exist: name the file that says so now, or measure the figure.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    fn read_with(text: &str) -> Result<(Vec<Fact>, Vec<Problem>), Problem> {
        let workspace = Workspace::with_book();
        workspace.write(FILE, text);
        read(workspace.path())
    }

    fn with_source(source: &str) -> Vec<Problem> {
        let text = format!("[[fact]]\npage = \"a.md\"\ntext = \"2 s\"\nsource = \"{source}\"\n");
        read_with(&text).unwrap().1
    }

    #[test]
    fn an_entry_knows_its_line() {
        let text =
            "# Head.\n\n[[fact]]\npage = \"a.md\"\ntext = \"2 s\"\nsource = \"man 2 read\"\n";
        let (facts, problems) = read_with(text).unwrap();
        assert_eq!(problems, []);
        assert_eq!((facts[0].line, facts[0].text.as_str()), (5, "2 s"));
    }

    #[test]
    fn a_workspace_without_the_file_has_no_facts() {
        let (facts, problems) = read(Workspace::with_book().path()).unwrap();
        assert!(facts.is_empty() && problems.is_empty());
    }

    #[test]
    fn a_source_is_named() {
        for source in ["", "  "] {
            let problems = with_source(source);
            assert_eq!(problems[0].line, 4);
            assert!(problems[0].message.starts_with("this fact has no source: name"));
        }
    }

    #[test]
    fn a_source_in_the_workspace_exists() {
        for source in ["tokio/src/a.rs, f", "read(2)", "https://a.b/c", "book/src/start.md, x"] {
            assert_eq!(with_source(source), [], "{source}");
        }
        for source in ["book/src/end.md, x", "09-gone/src/lib.rs"] {
            let message = &with_source(source)[0].message;
            assert!(message.contains("does not exist: name the file"), "{message}");
        }
    }

    #[test]
    fn another_form_is_reported_with_its_line() {
        let problem = read_with("[[fact]]\npage = \"a.md\"\ntxet = \"2 s\"\n").unwrap_err();
        assert_eq!(problem.line, 3);
        assert!(problem.message.contains("`txet`"), "{problem}");
    }
}
