//! The step between us and a server: its processors, and the same end as ours.
//!
//! A process can be told to die with its parent, and to stay on some processors, only by itself. So we
//! start ourselves once more; that process arranges both, and becomes the server (execve(2) keeps
//! them). It needs no `unsafe`, as code between fork and exec would.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use rustix::process::{Signal, getppid, set_parent_process_death_signal};

use crate::cores;

/// The word on our command line.
pub const WORD: &str = "launch";

/// Stands for a processor where any will do.
const ANY: &str = "any";

/// The command that starts `program` on `cores`, or on any if there are none, by way of `arena`, which is
/// us.
///
/// The system ends the server when the *thread* that started it ends: that is to be one which lives as
/// long as the server is needed.
pub fn command(arena: &Path, cores: &[usize], program: &Path) -> Command {
    let mut command = Command::new(arena);
    let numbers: Vec<_> = cores.iter().map(usize::to_string).collect();
    let cores = if cores.is_empty() { ANY.to_owned() } else { numbers.join(",") };
    command.args([WORD, &std::process::id().to_string(), &cores]).arg(program);
    command
}

/// Becomes a server: what follows on the command line is the process that it ends with, its
/// processors, a program and its arguments. Returns only if it fails.
///
/// # Errors
/// The words are not those of [`command`]; the system refuses one of the steps.
pub fn run(mut words: impl Iterator<Item = OsString>) -> anyhow::Result<()> {
    let (Some(parent), Some(cores), Some(program)) = (words.next(), words.next(), words.next())
    else {
        bail!("`{WORD}` is what the arena starts servers by: say `echo` or `idle`");
    };
    set_parent_process_death_signal(Some(Signal::KILL)).context("asking to end with the arena")?;
    // If it ended before we asked, nobody would tell us any more.
    let still = getppid().map(|pid| pid.as_raw_nonzero().get().to_string());
    ensure!(still.as_deref() == parent.to_str(), "the arena has ended before its server began");
    if cores != ANY {
        let numbers = cores.to_str().and_then(|cores| {
            cores.split(',').map(|core| core.parse::<usize>().ok()).collect::<Option<Vec<_>>>()
        });
        let numbers = numbers.with_context(|| format!("{} is no processor", cores.display()))?;
        cores::pin(&numbers).with_context(|| format!("keeping the server on {numbers:?}"))?;
    }
    let error = Command::new(&program).args(words).exec();
    Err(error).with_context(|| format!("starting {}", program.display()))
}
