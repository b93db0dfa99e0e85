//! The three servers of this stage under the conformance suite, and the matrix that the book
//! prints.

use std::path::Path;
use std::process::Command;

use testkit::conformance::{self, Server};

fn server(mode: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blocking"));
    command.arg(mode);
    command
}

#[test]
fn each_server_fails_what_it_is_declared_to_fail_and_nothing_else() {
    let matrix = conformance::run(
        "cargo test -p blocking --test conformance",
        &[
            Server {
                name: "blocking sequential",
                command: || server("sequential"),
                fails: &[
                    "a_silent_client_blocks_nobody",
                    "sixteen_silent_clients_block_nobody",
                    "shutdown_drains",
                ],
                only: &[],
            },
            Server {
                name: "blocking threads",
                command: || server("threads"),
                fails: &["shutdown_drains"],
                only: &[],
            },
            Server {
                name: "blocking pool",
                command: || server("pool"),
                fails: &["sixteen_silent_clients_block_nobody", "shutdown_drains"],
                only: &[],
            },
        ],
    );
    println!("{matrix}");
    let surprises = matrix.surprises();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../book/results/conformance/01.json");
    matrix.compare_with(Path::new(committed)).unwrap();
}
