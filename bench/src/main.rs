//! `cargo arena echo|idle`: measures the servers of this project, and writes what the book quotes.

use std::process::ExitCode;

use anyhow::{Context, bail};
use arena::{echo, idle, launch};
use lexopt::prelude::*;

const HELP: &str = "\
Measures the echo servers of this project against each other. Linux only.

Usage: cargo arena echo [--quick] [--out FILE]
       cargo arena idle

  echo         requests per second, latency, memory, context switches, system calls
    --quick    three short rounds, to see that it works: no figures for the book
    --out FILE where the results go (default book/results/echo.json; with --quick nowhere)
  idle         how long a server with a thousand silent clients is on the processor
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
        Some(Value(word)) if word == "echo" => match echo_flags(arguments)? {
            Some(flags) => echo::run(&flags),
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
            bail!("nothing is called {}: say `echo` or `idle`\n\n{HELP}", word.display())
        }
        Some(other) => Err(other.unexpected().into()),
        None => bail!("say what is to be measured: `echo` or `idle`\n\n{HELP}"),
    }
}

fn help() -> anyhow::Result<()> {
    print!("{HELP}");
    Ok(())
}

/// `None`: somebody asks for help.
fn echo_flags(mut arguments: lexopt::Parser) -> anyhow::Result<Option<echo::Flags>> {
    let mut flags = echo::Flags { quick: false, out: None };
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
