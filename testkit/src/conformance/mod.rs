//! What an echo server must do, whatever it is made of: asked from outside, over TCP.
//!
//! Each case starts the server anew as a child process. A server declares the cases that it is
//! expected to fail; the suite checks that it fails those, and only those. This is the one
//! place that reads clocks and /proc: each window is stated where it is used.

mod cases;
mod matrix;

use cases::Case;
pub use matrix::{Cell, Expected, Matrix, Outcome, Row};

use std::process::Command;
use std::thread;

/// A server to be examined.
pub struct Server {
    /// Its column in the matrix.
    pub name: &'static str,
    /// How it is started; `--addr` is added.
    pub command: fn() -> Command,
    /// The cases that it is known to fail, by name.
    pub fails: &'static [&'static str],
    /// The cases that are run, by name; all when it is empty.
    pub only: &'static [&'static str],
}

/// Runs every case against every server, each server's cases one after another, the servers at
/// once.
///
/// `command` is what the reader types to repeat this run.
///
/// # Panics
/// A declared failure names no case, or a server cannot be started.
pub fn run(command: &str, servers: &[Server]) -> Matrix {
    for name in servers.iter().flat_map(|server| server.fails.iter().chain(server.only)) {
        assert!(cases::ALL.iter().any(|case| case.name == *name), "no case is called {name}");
    }
    allow_many_descriptors();
    let rows = thread::scope(|scope| {
        let rows: Vec<_> = servers.iter().map(|server| scope.spawn(|| examine(server))).collect();
        let join = |row: thread::ScopedJoinHandle<'_, Row>| {
            row.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        rows.into_iter().map(join).collect()
    });
    Matrix {
        command: command.to_owned(),
        cases: cases::ALL.iter().map(|case| case.name.to_owned()).collect(),
        servers: rows,
    }
}

fn examine(server: &Server) -> Row {
    let examine = |case: &Case| {
        let expected =
            if server.fails.contains(&case.name) { Expected::Fail } else { Expected::Pass };
        let (outcome, reason) = case.run(server);
        Cell { case: case.name.to_owned(), outcome, expected, reason }
    };
    let run = |case: &&Case| server.only.is_empty() || server.only.contains(&case.name);
    let cases = cases::ALL.iter().filter(run).map(examine).collect();
    Row { server: server.name.to_owned(), cases }
}

/// Our own clients need more descriptors than some systems allow at first (macOS: 256).
fn allow_many_descriptors() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // Where it is refused, the clients say what they are short of.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}
