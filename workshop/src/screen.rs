//! What the dashboard shows, as rows that fit the terminal.

use crate::dashboard::Dashboard;
use crate::judge::{State, Verdict};
use crate::press::{News, Served};
use crate::report;
use crate::terminal::{BAD, QUIET, STRONG, cut, fold, indented, styled};

/// How many rows the news of the book may take.
const NEWS: usize = 4;

const KEYS: &str =
    "Judged at each save · h hint · n next · c check all · l list · r reset · q quit";

impl Dashboard {
    /// The rows for a terminal of this width, and as many as it has; all rows without a height. What
    /// keeps us `busy` takes the place of the keys.
    pub(crate) fn rows(
        &self,
        width: usize,
        height: Option<usize>,
        busy: Option<&str>,
    ) -> Vec<String> {
        let folded = |text: &str| -> Vec<String> {
            text.lines().flat_map(|line| fold(line, width)).collect()
        };
        let mut head = folded(&self.head());
        let (body, foot) = (folded(&self.body(width)), folded(&self.foot(busy)));
        let Some(height) = height else {
            return [head, self.table(width, true), body, foot].join(&String::new());
        };
        if head.len() > NEWS {
            head.truncate(NEWS);
            head[NEWS - 1] = cut("… `cargo workshop book build` shows the rest", width);
        }
        // With an empty row below each part but the last.
        let rows = |parts: &[&Vec<String>]| -> usize {
            parts.iter().filter(|part| !part.is_empty()).map(|part| part.len() + 1).sum()
        };
        // The shorter the terminal, the shorter the table.
        let mut tables = [true, false].map(|exercises| self.table(width, exercises)).into_iter();
        let table = tables.find(|table| rows(&[&head, table, &body, &foot]) <= height + 1);
        let table = table.filter(|_| !self.list).unwrap_or_default();
        let room = (height + 1).saturating_sub(rows(&[&head, &table, &foot]) + 1);
        let body = part(body, self.page, room, width);
        let mut parts = vec![head, table, body, foot];
        parts.retain(|part| !part.is_empty());
        let mut rows = parts.join(&String::new());
        rows.truncate(height);
        rows
    }

    /// What became of the book.
    fn head(&self) -> String {
        match &self.book {
            Some(News::Served(Served { address, error: None })) => {
                format!("The book is at {address}")
            }
            Some(News::Served(Served { address, error: Some(error) })) => {
                let words = styled(BAD, "the book was not rebuilt:");
                format!("The book is at {address}\n{words}\n{error}")
            }
            Some(News::Gone(why)) => format!("{} {why}", styled(BAD, "the book is not served:")),
            Some(News::Waits(true)) => {
                styled(QUIET, "The book waits for another cargo in this folder.")
            }
            _ if self.press.is_some() => styled(QUIET, "The book is being built."),
            _ => String::new(),
        }
    }

    /// The stages, and the exercises of the current one, if they are wanted.
    fn table(&self, width: usize, exercises: bool) -> Vec<String> {
        let stage = self.to_show().map(|verdict| verdict.stage.as_str());
        let is_wanted = |other: &Verdict| exercises && Some(other.stage.as_str()) == stage;
        let table = report::table(&self.workspace, &self.verdicts, is_wanted);
        table.lines().map(|line| cut(line, width)).collect()
    }

    /// The exercise that is shown; or all; or what kept us from judging.
    fn body(&self, width: usize) -> String {
        if let Some(trouble) = &self.trouble {
            return trouble.lines().map(|line| styled(BAD, line) + "\n").collect();
        }
        if self.list {
            let all = report::table(&self.workspace, &self.verdicts, |_| true);
            return all.lines().map(|line| cut(line, width) + "\n").collect();
        }
        let Some(verdict) = self.to_show() else {
            let all_judged = !self.verdicts.is_empty();
            return if all_judged { "All exercises are solved." } else { "" }.to_owned();
        };
        let address = match &self.book {
            Some(News::Served(served)) => Some(served.address.as_str()),
            _ => None,
        };
        let mut text = report::summary(&self.workspace, verdict);
        if let Some(hint) = self.hint.checked_sub(1).and_then(|index| self.hints.get(index)) {
            let number = format!("Hint {} of {}", self.hint, self.hints.len());
            text += &format!("\n  {}\n", styled(STRONG, number));
            text += &indented(hint, width.saturating_sub(2));
        }
        if verdict.state == State::Solved {
            text += &self.what_is_next();
        }
        text + &report::reasons(&self.workspace, verdict, address, width.saturating_sub(2))
    }

    /// Below a solved exercise.
    fn what_is_next(&self) -> String {
        let Some(next) = self.after_this() else {
            return "\nAll exercises are solved.".to_owned();
        };
        let name = report::spoken(&self.workspace, next);
        let file = self.workspace.shown(&next.file);
        let key = if self.keys { "Press n to continue with it, or save that file.\n" } else { "" };
        format!("\nnext  {name}, {}\n      {file}\n{key}", next.title)
    }

    /// What is going on, or what the learner can do.
    fn foot(&self, busy: Option<&str>) -> String {
        let note = self.note.as_ref().map(|note| format!("{note}\n")).unwrap_or_default();
        match busy {
            Some(busy) => styled(STRONG, busy),
            None if self.asks => {
                let shown = self.to_show().map(|verdict| report::spoken(&self.workspace, verdict));
                let name = shown.unwrap_or_default();
                let question =
                    "put the starter back? Your answer is kept in a file next to it. y/n";
                styled(STRONG, format!("{name}: {question}"))
            }
            None if self.keys => note + &styled(QUIET, KEYS),
            None => styled(QUIET, "Save a file to have it judged. Ctrl-C ends this."),
        }
    }
}

/// As many rows of the body as there is room for, and how to see the others.
fn part(body: Vec<String>, page: usize, room: usize, width: usize) -> Vec<String> {
    if body.len() <= room {
        return body;
    }
    let visible = room.saturating_sub(1).max(1);
    let first = page % body.len().div_ceil(visible) * visible;
    let last = body.len().min(first + visible);
    let what = if last < body.len() { "more" } else { "the beginning" };
    let says = format!("lines {} to {last} of {}; space: {what}", first + 1, body.len());
    let mut rows = body[first..last].to_vec();
    rows.push(cut(&styled(QUIET, says), width));
    rows
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use anstream::adapter::strip_str;

    use super::*;
    use crate::exercise::Exercise;
    use crate::judge::TestResult;
    use crate::workspace::{Stage, Workspace};

    const MESSAGE: &str = "M29: each write accepted 3 bytes at most, and the rest was lost. A write may \
         take fewer bytes than it was given: look at what it returns, and offer the rest again.\n\
         Book: A server in twenty lines, \"What a write may return\".";

    /// Five stages with eight exercises each, of which the first three are solved, fail, and are not
    /// started.
    fn dashboard() -> Dashboard {
        let stage = |number: usize| {
            let stage = format!("0{number}-a-stage-with-a-name");
            let exercise = |index| {
                let name = format!("exercise_{number}_{index}");
                let folder = PathBuf::from(format!("/{stage}/exercises/{name}"));
                Exercise::at(name, stage.clone(), folder)
            };
            Stage { exercises: (1..=8).map(exercise).collect(), name: stage.clone() }
        };
        let stages = (1..=5).map(stage).collect();
        let (root, target, limit) = ("/".into(), "/target".into(), Duration::from_secs(1));
        let workspace = Workspace { root, target, stages, limit };
        let verdict = |exercise| Verdict::new(exercise, State::NotStarted, None);
        let verdicts: Vec<_> = workspace.exercises().map(verdict).collect();
        let mut dashboard = Dashboard::new(workspace, None, true);
        dashboard.verdicts = verdicts;
        dashboard.verdicts[0].state = State::Solved;
        dashboard.verdicts[1].state = State::Fails;
        dashboard.verdicts[1].diagnosis = Some(MESSAGE.to_owned());
        dashboard.verdicts[1].tests =
            vec![TestResult { test: "writes_all".into(), passed: false, message: None }];
        dashboard
    }

    fn refused(dashboard: &mut Dashboard) {
        let row = styled(BAD, "let x: u8 = \"text\"; ".repeat(6));
        let words = (1..40).map(|line| format!("{line} | {row}\n")).collect();
        dashboard.verdicts[1].state = State::DoesNotCompile;
        dashboard.verdicts[1].diagnosis = Some(words);
    }

    fn shown(dashboard: &Dashboard, width: usize, height: usize) -> String {
        strip_str(&dashboard.rows(width, Some(height), None).join("\n")).to_string()
    }

    #[test]
    fn every_view_fits_the_terminal_and_says_what_the_keys_are() {
        type Change = fn(&mut Dashboard);
        let changes: [Change; 5] = [
            refused,
            |dashboard| dashboard.current = Some(dashboard.verdicts[0].id()),
            |dashboard| (dashboard.hints, dashboard.hint) = (vec![MESSAGE.repeat(2); 3], 3),
            |dashboard| dashboard.list = true,
            |dashboard| dashboard.trouble = Some(MESSAGE.repeat(20)),
        ];
        for change in changes {
            let mut dashboard = dashboard();
            dashboard.book = Some(News::Gone(MESSAGE.repeat(9)));
            change(&mut dashboard);
            for (width, height) in [(39, 24), (79, 24), (79, 12), (39, 16), (9, 4), (2, 1)] {
                let said = shown(&dashboard, width, height);
                let widest = said.lines().map(console::measure_text_width).max().unwrap_or(0);
                assert!(widest <= width && said.lines().count() <= height, "{said}");
                assert!(width < 39 || said.ends_with("q quit"), "{said}");
            }
        }
    }

    #[test]
    fn what_to_change_is_shown_at_once_in_the_smallest_terminal() {
        let said = shown(&dashboard(), 39, 24);
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(line(&said).contains(&line(MESSAGE)), "{said}");
        assert!(said.replace('\n', "").contains("exercise_1_2/exercise.rs"), "{said}");
    }

    #[test]
    fn space_shows_all_of_a_long_diagnosis_and_then_its_beginning() {
        let mut dashboard = dashboard();
        refused(&mut dashboard);
        let mut pages = vec![shown(&dashboard, 59, 24)];
        while !pages[pages.len() - 1].contains("space: the beginning") {
            dashboard.page += 1;
            pages.push(shown(&dashboard, 59, 24));
        }
        let all = pages.concat();
        assert!((1..40).all(|line| all.contains(&format!("{line} | let x"))), "{all}");
        dashboard.page += 1;
        assert_eq!(shown(&dashboard, 59, 24), pages[0]);
    }

    #[test]
    fn other_stages_are_a_line_each_until_the_list_is_opened() {
        let mut dashboard = dashboard();
        dashboard.current = Some(dashboard.verdicts[20].id());
        let said = shown(&dashboard, 79, 24);
        assert!(said.contains("0 of 8") && said.contains("exercise_3_1 "), "{said}");
        assert!(said.contains("05-a-stage") && !said.contains("exercise_1_1 "), "{said}");
        dashboard.list = true;
        let said = shown(&dashboard, 79, 100);
        assert!(said.contains("exercise_1_1 ") && said.contains("exercise_5_8 "), "{said}");
    }

    #[test]
    fn a_hint_follows_each_h_and_only_y_resets() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
        write("hints.md", "1. One.\n2. Two.\n");
        write("exercise.rs", "my work");
        write("starter.rs", "the starter");
        let mut dashboard = dashboard();
        let exercise = &mut dashboard.workspace.stages[0].exercises[1];
        exercise.folder = folder.path().to_owned();
        dashboard.verdicts[1] = Verdict::new(exercise, State::Fails, None);
        for hint in ["Hint 1 of 2\n  One.", "Hint 2 of 2\n  Two.", ""] {
            dashboard.key('h');
            let said = shown(&dashboard, 79, 40);
            assert!(said.contains(hint) && said.contains("Hint") != hint.is_empty(), "{said}");
        }
        let answer = || std::fs::read_to_string(folder.path().join("exercise.rs")).unwrap();
        for (key, expected) in [('n', "my work"), ('y', "the starter")] {
            dashboard.key('r');
            assert!(shown(&dashboard, 79, 40).contains("put the starter back?"));
            dashboard.key(key);
            assert_eq!(answer(), expected);
        }
        dashboard.key('l');
        assert!(shown(&dashboard, 79, 100).contains("exercise_5_8 "));
    }

    #[test]
    fn a_solved_exercise_names_what_n_leads_to_and_n_passes_over_one_that_is_not_solved() {
        let mut dashboard = dashboard();
        let id = |dashboard: &Dashboard| dashboard.after_this().map(Verdict::id);
        assert_eq!(id(&dashboard), Some(dashboard.verdicts[2].id()));
        dashboard.current = Some(dashboard.verdicts[0].id());
        assert_eq!(id(&dashboard), Some(dashboard.verdicts[1].id()));
        assert!(shown(&dashboard, 79, 24).contains("next  exercise_1_2, "));
        dashboard.current = Some(dashboard.verdicts[39].id());
        assert_eq!(id(&dashboard), Some(dashboard.verdicts[1].id()));
    }
}
