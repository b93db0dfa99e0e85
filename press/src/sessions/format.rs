//! The form of a session file: what the book shows of terminals, and the script that replays it.
//!
//! A terminal stands between mdBook's anchor lines, so that a page can include one of several:
//!
//! ```text
//! ANCHOR: client
//! $ nc 127.0.0.1 7878
//! > hello
//! hello
//! ANCHOR_END: client
//! ```
//!
//! `$ ` marks a command, `> ` a line that is typed into it; anything else it has printed. A last line
//! that is `…` alone stands for whatever else it prints.

use std::path::{Path, PathBuf};

use anyhow::ensure;

/// A session file.
#[derive(Debug)]
pub(super) struct Session {
    /// Relative to the workspace.
    pub(super) file: PathBuf,
    /// In the order of the file, which is the order in which they are run.
    pub(super) steps: Vec<Step>,
    pub(super) text: String,
}

/// A command, and what the file shows below it.
#[derive(Debug)]
pub(super) struct Step {
    /// The file and the line of the command, as errors begin.
    pub(super) place: String,
    /// The line of the command, counted from 1.
    line: usize,
    /// Where it is typed: steps of the same number share a window.
    pub(super) terminal: usize,
    pub(super) command: String,
    /// What it prints and what is typed into it, line by line.
    pub(super) body: Vec<String>,
}

impl Step {
    /// What the file should show, since this was found. Dots in the last line stay there.
    pub(super) fn renewed(&self, found: &[String]) -> Vec<String> {
        match self.body.split_last() {
            Some((last, shown)) if last == "…" => {
                found.iter().take(shown.len()).chain([last]).cloned().collect()
            }
            _ => found.to_vec(),
        }
    }
}

impl Session {
    /// Reads the text of `file`. Terminals that do not end are found where a page includes them.
    ///
    /// # Errors
    /// A line has no meaning. The sentence names its place.
    pub(super) fn parse(file: &Path, text: String) -> anyhow::Result<Self> {
        let mut steps: Vec<Step> = Vec::new();
        let mut terminal = 0;
        let mut is_open = false;
        for (line, text) in (1..).zip(text.lines()) {
            let place = format!("{}:{line}", file.display());
            let step = steps.last_mut().filter(|step| is_open && step.terminal == terminal);
            if text.starts_with("ANCHOR: ") {
                terminal += 1;
                is_open = true;
            } else if text.starts_with("ANCHOR_END: ") {
                is_open = false;
            } else if let Some(command) = text.strip_prefix("$ ").filter(|_| is_open) {
                let command = command.to_owned();
                steps.push(Step { place, line, terminal, command, body: Vec::new() });
            } else if let Some(step) = step {
                step.body.push(text.to_owned());
            } else {
                ensure!(
                    text.trim().is_empty(),
                    "{place}: this line belongs to no command: a terminal is `ANCHOR: name`, commands behind `$ ` with what they print, and `ANCHOR_END: name`."
                );
            }
        }
        Ok(Self { file: file.to_owned(), steps, text })
    }

    /// Whether a command of it contains this.
    pub(super) fn uses(&self, words: &str) -> bool {
        self.steps.iter().any(|step| step.command.contains(words))
    }

    /// The text of a file that shows these bodies, one for each step.
    pub(super) fn with(&self, bodies: &[Vec<String>]) -> String {
        let mut lines: Vec<_> = self.text.lines().collect();
        for (step, body) in self.steps.iter().zip(bodies).rev() {
            // Counted from 0, that is the line below the command.
            let old = step.line..step.line + step.body.len();
            lines.splice(old, body.iter().map(String::as_str));
        }
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<Session> {
        Session::parse(Path::new("x.txt"), text.into())
    }

    #[test]
    fn a_file_is_commands_in_terminals_with_what_they_show() {
        let session = parse(
            "ANCHOR: server\n$ serve\nlistening on 127.0.0.1:7878\n\nbye\nANCHOR_END: server\n\n\
             ANCHOR: client\n$ nc 127.0.0.1 7878\n> hello\nhello\n$ echo\nANCHOR_END: client\n",
        )
        .unwrap();
        let steps = session.steps.iter();
        let found: Vec<_> = steps.map(|step| (step.line, step.terminal, &*step.command)).collect();
        assert_eq!(found, [(2, 1, "serve"), (9, 2, "nc 127.0.0.1 7878"), (12, 2, "echo")]);
        assert_eq!(session.steps[0].body, ["listening on 127.0.0.1:7878", "", "bye"]);
        assert_eq!(session.steps[1].body, ["> hello", "hello"]);
        let other = [vec!["one".to_owned()], vec!["> hello".to_owned()], vec!["two".to_owned()]];
        assert_eq!(
            session.with(&other),
            "ANCHOR: server\n$ serve\none\nANCHOR_END: server\n\n\
             ANCHOR: client\n$ nc 127.0.0.1 7878\n> hello\n$ echo\ntwo\nANCHOR_END: client\n"
        );
    }

    #[test]
    fn a_line_that_belongs_to_no_command_is_named() {
        for (text, line) in [
            ("$ ls\n", 1),
            ("ANCHOR: a\nhello\n", 2),
            ("ANCHOR: a\n$ ls\nANCHOR_END: a\nANCHOR: b\nx\n", 5),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("x.txt:{line}: this line belongs to")), "{error}");
        }
    }

    #[test]
    fn a_last_line_of_dots_stands_for_whatever_follows() {
        let steps = parse("ANCHOR: a\n$ serve\none\n…\nANCHOR_END: a\n").unwrap().steps;
        for (found, renewed) in [
            (vec![], vec!["…"]),
            (vec!["one"], vec!["one", "…"]),
            (vec!["three", "four"], vec!["three", "…"]),
        ] {
            let found: Vec<_> = found.into_iter().map(str::to_owned).collect();
            assert_eq!(steps[0].renewed(&found), renewed);
        }
    }
}
