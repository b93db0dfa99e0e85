//! What silent clients cost: a server that waits for all of them, and is told nothing.

use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::contestant;
use crate::cores;
use crate::load::{self, Load};
use crate::process;

/// How many clients say nothing.
const CLIENTS: u32 = 1000;

/// For how long.
const WINDOW: Duration = Duration::from_secs(5);

/// How long the server may be on the processor meanwhile.
const ALLOWED: Duration = Duration::from_millis(10);

/// Measures `nonblocking-poll poll`, and prints how long it was on the processor.
///
/// # Errors
/// It was so for longer than it may; or it cannot be built, started, or asked.
pub fn run() -> anyhow::Result<()> {
    let contestants = contestant::build()?;
    let poll = contestants.iter().find(|contestant| contestant.key == "poll");
    load::allow_descriptors(CLIENTS)?;
    let server = poll.context("`poll` takes part")?.start(&cores::divide())?;
    // Each has had an echo, so it is known to be served. From now on it is silent.
    let _clients = Load::connect(server.addr(), CLIENTS)?;
    let before = process::usage(server.id())?;
    thread::sleep(WINDOW);
    let used = process::usage(server.id())? - before;
    println!(
        "{CLIENTS} silent clients: {:.3} ms on the processor in {WINDOW:?}, {} times off it",
        used.cpu.as_secs_f64() * 1e3,
        used.voluntary + used.involuntary
    );
    ensure!(
        used.cpu <= ALLOWED,
        "a server that has nothing to do may use {ALLOWED:?}: look for what wakes it, with `strace -f -p`"
    );
    Ok(())
}
