//! What an echo server must do, whatever it is made of: asked from outside, over TCP.
//!
//! Each case starts the server anew as a child process. A server declares the cases that it is
//! expected to fail; the suite checks that it fails those, and only those. This is the one
//! place that reads clocks and /proc: each window is stated where it is used.

mod cases;
mod matrix;

pub use cases::Case;
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
}

/// Runs every case against every server, each server's cases one after another, the servers at
/// once.
///
/// `command` is what the reader types to repeat this run.
///
/// # Panics
/// A declared failure names no case, or a server cannot be started.
pub fn run(command: &str, servers: &[Server]) -> Matrix {
    for name in servers.iter().flat_map(|server| server.fails) {
        assert!(
            cases::ALL.iter().any(|case| case.name == *name),
            "{name} is declared to fail, but no case has this name"
        );
    }
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
    Row { server: server.name.to_owned(), cases: cases::ALL.iter().map(examine).collect() }
}
