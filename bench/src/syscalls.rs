//! Which system calls an echo takes: counted by strace, in a run of its own.
//!
//! Under strace a server is many times slower, so more clients are ready whenever it asks: it calls
//! epoll_wait less often than it would. How often it reads and writes for an echo does not change.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::contestant::Contestant;
use crate::cores::Cores;
use crate::load::Load;

/// How many connections there are.
pub const CONNECTIONS: u32 = 64;

/// How long they are counted: strace misses a call or two of each thread while it attaches, and of many
/// that is nothing.
const WINDOW: Duration = Duration::from_secs(1);

/// What is called more seldom than this for each echo has to do with something else.
const SELDOM: f64 = 0.005;

/// How often each call is made for one echo.
pub type Counts = BTreeMap<String, f64>;

/// What came of counting.
pub enum Counted {
    /// It was counted.
    Counts(Counts),
    /// It cannot be done here. The sentence says why.
    NotHere(String),
}

/// Counts the system calls of a server.
///
/// # Errors
/// The server does not start or does not echo; strace prints something else than a table.
pub fn count(contestant: &Contestant, cores: &Cores) -> anyhow::Result<Counted> {
    let mut server = contestant.start(cores)?;
    let mut load = Load::connect(server.addr(), CONNECTIONS)?;
    load.run(Duration::from_millis(50))?;
    let mut strace = match Strace::attach(server.id())? {
        Ok(strace) => strace,
        Err(reason) => return Ok(Counted::NotHere(reason)),
    };
    let window = load.run(WINDOW).with_context(|| format!("{} under strace", contestant.key))?;
    let table = strace.detach()?;
    server.kill();
    let counts = parse(&table, window.echoes);
    if counts.is_empty() {
        bail!("strace counted nothing for {}: it said\n{table}", contestant.key);
    }
    Ok(Counted::Counts(counts))
}

/// An strace that counts. Dropping it ends it.
struct Strace {
    child: Child,
    /// It says there when it has attached, and at the end the counts.
    output: BufReader<std::process::ChildStderr>,
}

impl Strace {
    /// Counts all threads of a process from now on. The inner error says why this cannot be done here.
    fn attach(pid: u32) -> anyhow::Result<Result<Self, String>> {
        let mut command = Command::new("strace");
        command.args(["-c", "-f", "-p", &pid.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Ok(Err(format!("strace cannot be started: {error}"))),
        };
        let output = BufReader::new(child.stderr.take().expect("standard error is piped"));
        let mut strace = Self { child, output };
        let mut line = String::new();
        strace.output.read_line(&mut line)?;
        if line.contains(" attached") {
            return Ok(Ok(strace));
        }
        Ok(Err(format!("strace does not attach to a server: {}", line.trim())))
    }

    /// Ends it, and returns what it has counted.
    fn detach(&mut self) -> anyhow::Result<String> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.context("strace has an id")?, Signal::INT).context("ending strace")?;
        let mut table = String::new();
        self.output.read_to_string(&mut table)?;
        let _: ExitStatus = self.child.wait()?;
        Ok(table)
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // Fails when it has ended, which is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the table of `strace -c`: the calls stand in the fourth column, the name in the last.
fn parse(table: &str, echoes: u64) -> Counts {
    let row = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let calls: f64 = words.get(3)?.parse().ok()?;
        Some(((*words.last()?).to_owned(), calls / echoes as f64))
    };
    // The row of the sum has an empty third column, or none, depending on the version.
    let wanted = |(name, calls): &(String, f64)| name != "total" && *calls >= SELDOM;
    table.lines().filter_map(row).filter(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_divided_by_echoes_and_the_rest_is_left_out() {
        let table = "\
strace: Process 4711 attached
^Cstrace: Process 4711 detached
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.75    0.011834           5      2000           sendto
 32.54    0.006236           3      2100       100 recvfrom
  5.71    0.001094          17        64           epoll_wait
  0.00    0.000000           0         1           futex
------ ----------- ----------- --------- --------- ----------------
100.00    0.019164           4      4165       100 total
";
        let expected = [("epoll_wait", 0.032), ("recvfrom", 1.05), ("sendto", 1.0)];
        let expected = expected.map(|(name, calls)| (name.to_owned(), calls));
        assert_eq!(parse(table, 2000), Counts::from(expected));
    }
}
