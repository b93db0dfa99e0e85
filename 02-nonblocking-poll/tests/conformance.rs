//! The two servers of this stage under the conformance suite, and the matrix that the book prints.

use std::path::Path;
use std::process::Command;

use testkit::conformance::{self, Server};

fn server(mode: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nonblocking-poll"));
    command.arg(mode);
    command
}

#[test]
fn each_server_fails_what_it_is_declared_to_fail_and_nothing_else() {
    let matrix = conformance::run(
        "cargo test -p nonblocking-poll --test conformance",
        &[
            Server {
                name: "nonblocking-poll spin",
                command: || server("spin"),
                fails: &["idle_costs_no_cpu"],
                only: &[],
            },
            Server {
                name: "nonblocking-poll poll",
                command: || server("poll"),
                fails: &[],
                only: &[],
            },
        ],
    );
    println!("{matrix}");
    let surprises = matrix.surprises();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../book/results/conformance/02.json");
    matrix.compare_with(Path::new(committed)).unwrap();
}
