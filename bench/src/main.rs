//! `cargo arena echo|idle|churn|tasks`: measures this project, and writes what the book quotes.

use std::process::ExitCode;

use anyhow::{Context, bail};
use arena::{churn, echo, idle, launch, results, tasks};
use lexopt::prelude::*;

const HELP: &str = "\
Measures the echo servers of this project against each other, and its task runtime against others.
Linux only.

Usage: cargo arena echo [--quick] [--out FILE]
       cargo arena idle
       cargo arena churn [--quick] [--out FILE]
       cargo arena tasks [--quick] [--out FILE]

  echo         requests per second, latency, memory, context switches, system calls
    --quick    three short rounds, to see that it works: no figures for the book
    --out FILE where the results go (default book/results/echo.json; with --quick nowhere)
  idle         how long a server with a thousand silent clients is on the processor
  churn        what a million short connections leave in a server; ten thousand with --quick
  tasks        what tasks take to spawn, to yield, to wake and to wait, beside tokio and smol;
               the same flags, for book/results/tasks.json
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("arena: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next()? {
        Some(Value(word)) if word == "echo" => match flags(arguments)? {
            Some(flags) => echo::run(&flags),
            None => help(),
        },
        Some(Value(word)) if word == "churn" => match flags(arguments)? {
            Some(flags) => churn::run(&flags),
            None => help(),
        },
        Some(Value(word)) if word == "tasks" => match flags(arguments)? {
            Some(flags) => tasks::run(&flags),
            None => help(),
        },
        Some(Value(word)) if word == "idle" => match arguments.next()? {
            None => idle::run(),
            Some(Short('h') | Long("help")) => help(),
            Some(other) => Err(other.unexpected().into()),
        },
        // What the arena starts itself by: not for people.
        Some(Value(word)) if word == launch::WORD => launch::run(arguments.raw_args()?),
        Some(Short('h') | Long("help")) => help(),
        Some(Value(word)) => {
            bail!(
                "nothing is called {}: say `echo`, `idle`, `churn` or `tasks`\n\n{HELP}",
                word.display()
            )
        }
        Some(other) => Err(other.unexpected().into()),
        None => bail!("say what is to be measured: `echo`, `idle` or `tasks`\n\n{HELP}"),
    }
}

fn help() -> anyhow::Result<()> {
    print!("{HELP}");
    Ok(())
}

/// `None`: somebody asks for help.
fn flags(mut arguments: lexopt::Parser) -> anyhow::Result<Option<results::Flags>> {
    let mut flags = results::Flags { quick: false, out: None };
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("quick") => flags.quick = true,
            Long("out") => {
                flags.out = Some(arguments.value().context("--out needs a file")?.into());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(flags))
}
