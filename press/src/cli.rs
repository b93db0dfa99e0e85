//! The command line, which `cargo workshop` writes: it has the help that people read.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use anyhow::{Context, anyhow, ensure};
use clap::Parser;
use workshop::press::Served;
use workshop::terminal::{BAD, complain, say, styled};
use workshop::watch::watch;
use workshop::workspace::root;

use super::build::build;
use super::serve::serve;
use super::site::Site;
use super::test::test;
use super::timeline::record::record;

/// How long the server waits for a client. A browser opens connections before it needs them, and minds no
/// closed one.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes the book. Run `cargo workshop` instead.
#[derive(Parser)]
enum Command {
    /// Build it into target/book
    Build,
    /// Build and serve it, and rebuild it after each save
    Serve {
        #[arg(long)]
        port: u16,
        /// Read what the page of progress shows, and write where the book is and what is wrong with
        /// it, a line of JSON each; end with the input
        #[arg(long)]
        dashboard: bool,
    },
    /// What it shows is what happens
    Test {
        #[arg(long)]
        bless: bool,
    },
    /// Record the runs that its figures show, of one stage or of all
    Record { stage: Option<String> },
}

/// Runs a command. Errors are printed here, so that they are sentences and no backtraces.
pub(crate) fn run() -> ExitCode {
    match answer(Command::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            complain(format_args!("{} {error:#}", styled(BAD.bold(), "error:")));
            ExitCode::from(3)
        }
    }
}

/// Whether what was asked about is as it should be.
fn answer(command: Command) -> anyhow::Result<bool> {
    let here = std::env::current_dir().context("the current folder")?;
    let root = root(&here)?;
    match command {
        Command::Build => {
            let built = build(root, &root.join("target/book"))?;
            say!("{}", built.join("index.html").display());
        }
        Command::Serve { port, dashboard } => open(root, port, dashboard)?,
        Command::Test { bless } => {
            return test(root, bless);
        }
        Command::Record { stage } => {
            let (count, failures) = record(root, stage.as_deref(), true)?;
            ensure!(failures.is_empty(), failures.join("\n"));
            say!("{count} recordings written to book/traces: look at the difference");
        }
    }
    Ok(true)
}

/// Builds and serves the book, and rebuilds it after each save, until the process ends.
fn open(root: &Path, port: u16, dashboard: bool) -> anyhow::Result<()> {
    // Before anything is built: pages are built into a folder of the port's own, so two of these do
    // not disturb each other.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        match error.kind() {
            io::ErrorKind::AddrInUse => anyhow!(
                "port {port} is taken, by this tool in another window perhaps: end that, or choose another \
                 with --port"
            ),
            _ => anyhow!("port {port} cannot be opened ({error}): choose another with --port"),
        }
    })?;
    let address = listener.local_addr().context("the address of the book")?;
    let site = Arc::new(Site::new(root, address.port(), dashboard));
    if dashboard {
        let site = site.clone();
        thread::spawn(move || {
            io::stdin().lines().map_while(Result::ok).for_each(|line| site.report(line));
            // When the dashboard ends, whatever ends it, so does our input.
            std::process::exit(0);
        });
    }
    let rebuilt = site.clone();
    let rebuild = Arc::new(move || {
        rebuilt.rebuild();
        let error = rebuilt.state().error;
        if dashboard {
            let served = Served { address: format!("http://{address}"), error };
            say!("{}", serde_json::to_string(&served).expect("texts are JSON"));
        } else if let Some(error) = error {
            let words = styled(BAD, "the book was not rebuilt:");
            complain(format_args!("{words}\n{error}"));
        }
    });
    let build = rebuild.clone();
    // Before the first build: what is saved during it must not be missed.
    let _watcher = watch(root, move |paths| {
        // No page shows an answer.
        if !paths.iter().all(|path| path.ends_with("exercise.rs")) {
            rebuild();
        }
    })?;
    build();
    if !dashboard {
        say!("The book is at http://{address}");
    }
    serve(&listener, &site, PATIENCE)
}
