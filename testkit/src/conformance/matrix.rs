//! The result as data: which server passes which case, and whether that was expected.

use std::fmt::{self, Display};
use std::io;
use std::path::Path;

/// Every server's row.
#[derive(Debug)]
pub struct Matrix {
    /// What to type to repeat the run.
    pub command: String,
    /// The names of all cases, in order.
    pub cases: Vec<String>,
    /// A row for each server.
    pub servers: Vec<Row>,
}

/// One server's results.
#[derive(Debug)]
pub struct Row {
    /// The name that it declared.
    pub server: String,
    /// One for each case, in order.
    pub cases: Vec<Cell>,
}

/// One server's result in one case.
#[derive(Debug)]
pub struct Cell {
    /// The name of the case.
    pub case: String,
    /// What happened.
    pub outcome: Outcome,
    /// What was declared.
    pub expected: Expected,
    /// What went wrong, for whoever runs the suite. Not part of the data: it names ports and
    /// durations.
    pub reason: String,
}

/// What happened in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server did what it must.
    Pass,
    /// It did not.
    Fail,
    /// This system has no means to find out.
    Skipped,
}

/// What a server declared of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It passes.
    Pass,
    /// It fails, and is known to.
    Fail,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}

impl Expected {
    fn word(self) -> &'static str {
        if self == Self::Pass { "pass" } else { "fail" }
    }
}

impl Cell {
    /// Whether what happened is not what was declared.
    pub fn is_surprise(&self) -> bool {
        match self.outcome {
            Outcome::Skipped => false,
            Outcome::Pass => self.expected == Expected::Fail,
            Outcome::Fail => self.expected == Expected::Pass,
        }
    }
}

impl Matrix {
    /// A sentence for each result that is not as declared, in either direction.
    pub fn surprises(&self) -> Vec<String> {
        let cells = self.servers.iter().flat_map(|row| row.cases.iter().map(move |c| (row, c)));
        let sentence = |(row, cell): (&Row, &Cell)| match cell.outcome {
            Outcome::Pass => format!(
                "{} passes {}, which it is declared to fail: remove it from the declaration, and \
                 see what the book says of it",
                row.server, cell.case
            ),
            _ => format!("{} fails {}: {}", row.server, cell.case, cell.reason),
        };
        cells.filter(|(_, cell)| cell.is_surprise()).map(sentence).collect()
    }

    /// The data that the book prints, as JSON. By hand: each exercise compiles this crate, and none
    /// should wait for a JSON library. All strings are names and a command line, in ASCII, of which
    /// `{:?}` makes JSON strings.
    fn to_json(&self) -> String {
        let cell = |cell: &Cell| {
            object(&[
                ("case", format!("{:?}", cell.case)),
                ("expected", format!("{:?}", cell.expected.word())),
                ("outcome", format!("{:?}", cell.outcome.word())),
            ])
        };
        let row = |row: &Row| {
            let cells = list(row.cases.iter().map(cell));
            object(&[("cases", cells), ("server", format!("{:?}", row.server))])
        };
        let names = list(self.cases.iter().map(|name| format!("{name:?}")));
        let servers = list(self.servers.iter().map(row));
        let command = format!("{:?}", self.command);
        object(&[("cases", names), ("command", command), ("servers", servers)]) + "\n"
    }

    /// Compares with the committed data that the book prints. With `BLESS=1` in the environment
    /// it writes that instead. A matrix in which a case was skipped is not compared: this
    /// system could not find out.
    ///
    /// # Errors
    /// The file cannot be read or written, or says something else.
    pub fn compare_with(&self, file: &Path) -> io::Result<()> {
        let text = self.to_json();
        if self.servers.iter().flat_map(|row| &row.cases).any(|c| c.outcome == Outcome::Skipped) {
            return Ok(());
        }
        if std::env::var_os("BLESS").is_some() {
            return std::fs::write(file, text);
        }
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        if committed == text {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "{} does not say what this run found. If this run is right, write it with \
             `BLESS=1 {}` and look at the difference",
            file.display(),
            self.command
        )))
    }
}

fn object(fields: &[(&str, String)]) -> String {
    block('{', fields.iter().map(|(name, value)| format!("{name:?}: {value}")), '}')
}

fn list(items: impl Iterator<Item = String>) -> String {
    block('[', items, ']')
}

/// An item a line, each two columns further in.
fn block(open: char, items: impl Iterator<Item = String>, close: char) -> String {
    let items: Vec<_> = items.map(|item| item.replace('\n', "\n  ")).collect();
    format!("{open}\n  {}\n{close}", items.join(",\n  "))
}

impl Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.cases.iter().map(String::len).max().unwrap_or(0);
        write!(f, "{:width$}", "")?;
        for row in &self.servers {
            write!(f, "  {}", row.server)?;
        }
        for case in &self.cases {
            write!(f, "\n{case:width$}")?;
            for row in &self.servers {
                let cell = row.cases.iter().find(|cell| cell.case == *case);
                let word = match cell.map(|cell| cell.outcome) {
                    Some(Outcome::Pass) => "passes",
                    Some(Outcome::Fail) => "FAILS",
                    Some(Outcome::Skipped) => "skipped",
                    None => "",
                };
                let mark = if cell.is_some_and(Cell::is_surprise) { " (!)" } else { "" };
                write!(f, "  {:1$}", format!("{word}{mark}"), row.server.len())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(outcome: Outcome, expected: Expected) -> Matrix {
        let cell = Cell {
            case: "round_trip".to_owned(),
            outcome,
            expected,
            reason: "no answer".to_owned(),
        };
        Matrix {
            command: "cargo test".to_owned(),
            cases: vec!["round_trip".to_owned()],
            servers: vec![Row { server: "demo".to_owned(), cases: vec![cell] }],
        }
    }

    #[test]
    fn a_surprise_is_one_in_both_directions() {
        assert!(matrix(Outcome::Pass, Expected::Pass).surprises().is_empty());
        assert!(matrix(Outcome::Fail, Expected::Fail).surprises().is_empty());
        assert!(matrix(Outcome::Skipped, Expected::Fail).surprises().is_empty());
        let failed = matrix(Outcome::Fail, Expected::Pass).surprises();
        assert_eq!(failed, ["demo fails round_trip: no answer"]);
        let passed = matrix(Outcome::Pass, Expected::Fail).surprises();
        assert!(passed[0].contains("declared to fail"), "{passed:?}");
    }

    #[test]
    fn the_committed_data_must_say_the_same() {
        let folder = std::env::temp_dir().join(format!("testkit-matrix-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("demo.json");
        let passing = matrix(Outcome::Pass, Expected::Pass);
        std::fs::write(&file, passing.to_json()).unwrap();
        let same = passing.compare_with(&file);
        let other = matrix(Outcome::Fail, Expected::Fail).compare_with(&file);
        std::fs::remove_dir_all(&folder).unwrap();
        same.unwrap();
        assert!(other.unwrap_err().to_string().contains("BLESS=1 cargo test"));
    }
}
