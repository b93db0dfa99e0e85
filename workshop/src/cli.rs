//! The command line.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::exercise::shipped;
use crate::terminal::{BAD, QUIET, complain, say, say_as_it_is, styled};
use crate::workspace::Workspace;
use crate::{commands, dashboard, diff, judging, press, wrong};

/// The workshop: read the book, solve the exercises, and learn what is wrong with a wrong answer.
///
/// Without a command it builds and serves the book, watches the book and the exercises, and shows
/// how far you are.
#[derive(Parser)]
#[command(name = "cargo workshop", bin_name = "cargo workshop", after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where the book is served, on this machine only; 0 chooses a free port
    #[arg(long, global = true, default_value_t = 3000)]
    port: u16,
    /// For how many seconds a test of your answer may run
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// Print one JSON object instead of text, for `list` and `check`
    #[arg(long, global = true)]
    json: bool,
}

const EXIT_CODES: &str = "Exit status: 0 on success; 1 when `check`, `mistakes`, `verify` or `book test` \
                          finds something that is not as it should be; 2 when the command line is not \
                          understood; 3 when an error keeps the tool from finding out.";

#[derive(Subcommand)]
enum Command {
    /// List all exercises and their state
    List,
    /// Show the first exercise that is not solved, in the order of the book
    Next,
    /// Judge an exercise, or all that you have begun
    Check {
        /// Its name, as `list` shows it
        exercise: Option<String>,
    },
    /// Judge an exercise whenever it is saved, without the book
    Watch,
    /// Show a hint. Each exercise has several, from a nudge to most of the answer
    Hint {
        exercise: String,
        /// Which one
        #[arg(default_value_t = 1)]
        number: usize,
    },
    /// Show the reference answer
    Solution { exercise: String },
    /// Show the mistakes that an exercise's tests know, once you have solved it
    Mistakes { exercise: String },
    /// Put the starter back. Your answer is kept in a file next to it
    Reset { exercise: String },
    /// Show two stages side by side: which file became which, or what changed in one
    Diff {
        /// A stage, by its number or name, like 01
        older: String,
        /// Another one
        newer: String,
        /// A file of either stage, like accept
        file: Option<String>,
    },
    /// For authors: check that starters fail, solutions pass, and each wrong answer is caught by
    /// the test that it names
    Verify {
        /// One exercise only
        exercise: Option<String>,
    },
    /// For authors: wrong answers
    #[command(subcommand)]
    Wrong(Author),
    /// For authors: accept an exercise's tests.rs as it is now
    Seal { exercise: String },
    /// For authors: record the runs that the book's figures show
    Trace {
        /// Only those of one stage, like 01
        stage: Option<String>,
    },
    /// The book
    #[command(subcommand)]
    Book(Book),
}

#[derive(Subcommand)]
enum Author {
    /// Make one of exercise.rs as it is now; a test, or rustc, must refuse it
    Add {
        exercise: String,
        /// What to call it, like checks_then_registers
        name: String,
        /// What this learner believed, in a sentence
        #[arg(long, value_name = "SENTENCE")]
        because: String,
    },
}

#[derive(Subcommand)]
enum Book {
    /// Build it into target/book
    Build,
    /// Build and serve it, and rebuild it after each save
    Serve,
    /// For authors: check that what it shows is what happens
    Test {
        /// Write into book/sessions what the terminals show now
        #[arg(long)]
        bless: bool,
    },
}

/// Runs the tool. Errors are printed here, so that they are sentences and no backtraces.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match answer(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            complain(format_args!("{} {error:#}", styled(BAD.bold(), "error:")));
            if json {
                say!("{}", serde_json::json!({ "error": format!("{error:#}") }));
            }
            ExitCode::from(3)
        }
    }
}

/// Whether what was asked about is as it should be.
fn answer(cli: Cli) -> anyhow::Result<bool> {
    let here = std::env::current_dir().context("reading the current folder")?;
    let workspace = Workspace::find(&here, Duration::from_secs(cli.limit))?;
    match cli.command {
        None => dashboard::show(workspace, Some(cli.port))?,
        Some(Command::Watch) => dashboard::show(workspace, None)?,
        Some(Command::List) => return judging::list(&workspace, cli.json),
        Some(Command::Next) => return judging::next(&workspace),
        Some(Command::Check { exercise }) => {
            return judging::check(&workspace, exercise, cli.json);
        }
        Some(Command::Hint { exercise, number }) => {
            commands::hint(&workspace, workspace.exercise(&exercise)?, number)?;
        }
        Some(Command::Solution { exercise }) => {
            let file = workspace.exercise(&exercise)?.folder.join("solution.rs");
            let text = shipped(&file)?;
            say!("{}", styled(QUIET, format!("// {}", workspace.shown(&file))));
            // The book's marks are not part of the answer.
            let text = text.lines().filter(|line| !line.trim_start().starts_with("// ANCHOR"));
            text.for_each(|line| say!("{line}"));
        }
        Some(Command::Mistakes { exercise }) => return judging::mistakes(&workspace, &exercise),
        Some(Command::Wrong(Author::Add { exercise, name, because })) => {
            let exercise = workspace.exercise(&exercise)?;
            let verdict = judging::judge_one(&workspace, exercise)?;
            let (file, claim) = wrong::add::add(exercise, &verdict, &name, &because)?;
            say!("{}: {claim}", workspace.shown(&file));
        }
        Some(Command::Reset { exercise }) => {
            say!("{}", commands::reset(&workspace, workspace.exercise(&exercise)?)?);
        }
        Some(Command::Diff { older, newer, file }) => {
            let file = file.as_deref();
            say_as_it_is!("{}", diff::diff(&workspace.root, &older, &newer, file)?);
        }
        Some(Command::Verify { exercise }) => return judging::prove(&workspace, exercise),
        Some(Command::Seal { exercise }) => {
            let exercise = workspace.exercise(&exercise)?;
            say!("{}", commands::write_seal(&workspace, exercise)?);
        }
        Some(Command::Trace { stage }) => return forward(&["record"], stage.as_deref()),
        Some(Command::Book(Book::Build)) => return forward(&["build"], None),
        Some(Command::Book(Book::Test { bless })) => {
            return forward(&["test"], bless.then_some("--bless"));
        }
        Some(Command::Book(Book::Serve)) => {
            return forward(&["serve", "--port", &cli.port.to_string()], None);
        }
    }
    Ok(true)
}

/// Leaves a command to press, and the terminal.
fn forward(command: &[&str], argument: Option<&str>) -> anyhow::Result<bool> {
    let arguments: Vec<_> = command.iter().copied().chain(argument).collect();
    match press::run(&arguments)?.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => anyhow::bail!("the program that builds the book failed"),
    }
}
