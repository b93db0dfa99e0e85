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
#[derive(Debug, PartialEq)]
pub(super) struct Step {
    /// The line of the command, counted from 1.
    pub(super) line: usize,
    /// Where it is typed: steps of the same number share a window.
    pub(super) terminal: usize,
    pub(super) command: String,
    /// What it prints and what is typed into it, line by line.
    pub(super) body: Vec<String>,
}

/// What is typed, if the line of a body is typed.
pub(super) fn typed(line: &str) -> Option<&str> {
    if line == ">" { Some("") } else { line.strip_prefix("> ") }
}

impl Step {
    pub(super) fn is_typed_into(&self) -> bool {
        self.body.iter().any(|line| typed(line).is_some())
    }

    /// Whether it only looks at a state, so that it may be run again until it sees what it should.
    pub(super) fn looks(&self) -> bool {
        self.command.contains("/proc/")
    }

    /// Whether what was found is what the file shows.
    pub(super) fn matches(&self, found: &[String]) -> bool {
        match self.body.split_last() {
            Some((last, shown)) if last == "…" => found.starts_with(shown),
            _ => found == self.body,
        }
    }

    /// What the file should show, since this was found. Dots in the last line stay there.
    fn renewed(&self, found: &[String]) -> Vec<String> {
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
    /// A sentence that names the file and the line, and says what to do.
    pub(super) fn parse(file: &Path, text: String) -> Result<Self, String> {
        let mut steps: Vec<Step> = Vec::new();
        let mut open: Option<(&str, usize)> = None;
        let mut names = HashSet::new();
        let error =
            |line: usize, sentence: &str| Err(format!("{}:{line}: {sentence}", file.display()));
        for (number, line) in (1..).zip(text.lines()) {
            let started = |step: &&mut Step| step.terminal == names.len();
            if let Some(name) = line.strip_prefix("ANCHOR: ") {
                if open.replace((name, number)).is_some() {
                    return error(
                        number,
                        "the terminal above has not ended: put its `ANCHOR_END` above this line.",
                    );
                }
                if !names.insert(name) {
                    return error(
                        number,
                        "there is a terminal of this name above: give this one another.",
                    );
                }
            } else if let Some(name) = line.strip_prefix("ANCHOR_END: ") {
                if open.take().is_none_or(|(begun, _)| begun != name) {
                    return error(
                        number,
                        "this is not the end of the terminal that has begun: correct its name.",
                    );
                }
                if steps.last_mut().filter(started).is_none() {
                    return error(
                        number,
                        "this terminal has no command: write `$ ` and a command, or remove it.",
                    );
                }
            } else if open.is_none() {
                if !line.trim().is_empty() {
                    return error(
                        number,
                        "this line is in no terminal: put it between `ANCHOR: name` and `ANCHOR_END: name`.",
                    );
                }
            } else if let Some(command) = line.strip_prefix("$ ") {
                let (command, terminal) = (command.to_owned(), names.len());
                steps.push(Step { line: number, terminal, command, body: Vec::new() });
            } else if let Some(step) = steps.last_mut().filter(started) {
                step.body.push(line.to_owned());
            } else {
                return error(
                    number,
                    "this line belongs to no command: a terminal begins with `$ ` and a command.",
                );
            }
        }
        if let Some((name, line)) = open {
            return error(
                line,
                &format!(
                    "the terminal `{name}` does not end: put `ANCHOR_END: {name}` below its last line."
                ),
            );
        }
        if steps.is_empty() {
            return error(
                1,
                "this session is empty: write `ANCHOR: name`, `$ ` and a command, `ANCHOR_END: name`.",
            );
        }
        Ok(Self { file: file.to_owned(), steps, text })
    }

    /// The text of a file that shows what was found, a body for each step.
    pub(super) fn with(&self, found: &[Vec<String>]) -> String {
        let mut text = String::new();
        let mut lines = self.text.lines().zip(1..);
        let mut steps = self.steps.iter().zip(found).peekable();
        while let Some((line, number)) = lines.next() {
            text += line;
            text.push('\n');
            let Some((step, found)) = steps.next_if(|(step, _)| step.line == number) else {
                continue;
            };
            for line in step.renewed(found) {
                text += &line;
                text.push('\n');
            }
            lines.by_ref().take(step.body.len()).for_each(drop);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Session, String> {
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
        assert!(steps[1].is_typed_into() && !steps[0].is_typed_into());
        assert_eq!(typed(&steps[1].body[0]), Some("hello"));
    }

    #[test]
    fn mistakes_are_named_with_their_lines() {
        for (text, start) in [
            ("$ ls\n", "x.txt:1: this line is in no terminal"),
            ("ANCHOR: a\nhello\n", "x.txt:2: this line belongs to no command"),
            ("ANCHOR: a\n$ ls\n\n", "x.txt:1: the terminal `a` does not end"),
            ("ANCHOR: a\n$ ls\nANCHOR: b\n", "x.txt:3: the terminal above has not ended"),
            ("ANCHOR: a\n$ ls\nANCHOR_END: b\n", "x.txt:3: this is not the end"),
            ("\nANCHOR_END: b\n", "x.txt:2: this is not the end"),
            ("ANCHOR: a\nANCHOR_END: a\n", "x.txt:2: this terminal has no command"),
            (
                "ANCHOR: a\n$ ls\nANCHOR_END: a\nANCHOR: b\nx\n",
                "x.txt:5: this line belongs to no command",
            ),
            (
                "ANCHOR: a\n$ ls\nANCHOR_END: a\nANCHOR: a\n",
                "x.txt:4: there is a terminal of this name",
            ),
            ("\n", "x.txt:1: this session is empty"),
        ] {
            let error = parse(text).unwrap_err();
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
        let session = parse("ANCHOR: a\n$ serve\none\n…\nANCHOR_END: a\n").unwrap();
        let matches = |found: &[&str]| {
            session.steps[0].matches(&found.iter().map(|&line| line.into()).collect::<Vec<_>>())
        };
        assert!(matches(&["one"]) && matches(&["one", "two"]));
        assert!(!matches(&[]) && !matches(&["two", "one"]));
        let renewed = session.with(&[vec!["three".into(), "four".into()]]);
        assert_eq!(renewed, "ANCHOR: a\n$ serve\nthree\n…\nANCHOR_END: a\n");
    }
}
