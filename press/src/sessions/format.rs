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

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// A session file.
#[derive(Debug)]
pub(super) struct Session {
    /// Relative to the workspace.
    pub(super) file: PathBuf,
    /// In the order of the file, which is the order in which they are run.
    pub(super) steps: Vec<Step>,
    text: String,
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
    /// Reads the text of `file`.
    ///
    /// # Errors
    /// A sentence that names the place, and says what to do.
    pub(super) fn parse(file: &Path, text: String) -> anyhow::Result<Self> {
        let mut steps: Vec<Step> = Vec::new();
        let mut open = None;
        let mut names = HashSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            let place = format!("{}:{number}", file.display());
            if let Some(name) = line.strip_prefix("ANCHOR: ") {
                ensure!(
                    open.replace(name).is_none(),
                    "{place}: the terminal above has not ended: put its `ANCHOR_END` above this line."
                );
                ensure!(
                    names.insert(name),
                    "{place}: there is a terminal of this name above: give this one another."
                );
            } else if let Some(name) = line.strip_prefix("ANCHOR_END: ") {
                ensure!(
                    open.take() == Some(name),
                    "{place}: this is not the end of the terminal that has begun: correct its name."
                );
            } else if open.is_none() {
                ensure!(
                    line.trim().is_empty(),
                    "{place}: this line is in no terminal: put it between `ANCHOR: name` and `ANCHOR_END: name`."
                );
            } else if let Some(command) = line.strip_prefix("$ ") {
                let (command, terminal) = (command.to_owned(), names.len());
                steps.push(Step { place, line: number, terminal, command, body: Vec::new() });
            } else {
                let step = steps.last_mut().filter(|step| step.terminal == names.len());
                let step = step.with_context(|| {
                    format!("{place}: this line belongs to no command: a terminal begins with `$ ` and a command.")
                })?;
                step.body.push(line.to_owned());
            }
        }
        if let Some(name) = open {
            bail!(
                "{}: the terminal `{name}` does not end: put `ANCHOR_END: {name}` below its last line.",
                file.display()
            );
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

    const TWO: &str = "ANCHOR: server\n$ serve\nlistening on 127.0.0.1:7878\n\nbye\nANCHOR_END: server\n\n\
                       ANCHOR: client\n$ nc 127.0.0.1 7878\n> hello\nhello\n$ echo\nANCHOR_END: client\n";

    #[test]
    fn a_file_is_commands_in_terminals_with_what_they_show() {
        let steps = parse(TWO).unwrap().steps;
        let found: Vec<_> = steps.iter().map(|s| (s.line, s.terminal, &s.command[..])).collect();
        assert_eq!(found, [(2, 1, "serve"), (9, 2, "nc 127.0.0.1 7878"), (12, 2, "echo")]);
        assert_eq!(steps[0].body, ["listening on 127.0.0.1:7878", "", "bye"]);
        assert_eq!(steps[1].body, ["> hello", "hello"]);
    }

    #[test]
    fn mistakes_are_named_with_their_lines() {
        for (text, start) in [
            ("$ ls\n", "x.txt:1: this line is in no terminal"),
            ("ANCHOR: a\nhello\n", "x.txt:2: this line belongs to no command"),
            ("ANCHOR: a\n$ ls\n\n", "x.txt: the terminal `a` does not end"),
            ("ANCHOR: a\n$ ls\nANCHOR: b\n", "x.txt:3: the terminal above has not ended"),
            ("ANCHOR: a\n$ ls\nANCHOR_END: b\n", "x.txt:3: this is not the end"),
            ("\nANCHOR_END: b\n", "x.txt:2: this is not the end"),
            (
                "ANCHOR: a\n$ ls\nANCHOR_END: a\nANCHOR: b\nx\n",
                "x.txt:5: this line belongs to no command",
            ),
            (
                "ANCHOR: a\n$ ls\nANCHOR_END: a\nANCHOR: a\n",
                "x.txt:4: there is a terminal of this name",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(start), "{text:?}: {error}");
        }
    }

    #[test]
    fn other_bodies_replace_those_of_the_file_and_nothing_else() {
        let session = parse(TWO).unwrap();
        let same: Vec<_> = session.steps.iter().map(|step| step.body.clone()).collect();
        assert_eq!(session.with(&same), TWO);
        let other = [vec!["one".to_owned()], vec!["> hello".to_owned()], vec!["two".to_owned()]];
        assert_eq!(
            session.with(&other),
            "ANCHOR: server\n$ serve\none\nANCHOR_END: server\n\n\
             ANCHOR: client\n$ nc 127.0.0.1 7878\n> hello\n$ echo\ntwo\nANCHOR_END: client\n"
        );
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
