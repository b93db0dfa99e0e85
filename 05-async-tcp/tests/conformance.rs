//! The server of this stage under the conformance suite, on one thread and on two, and the matrix that
//! the book prints.

use std::path::Path;
use std::process::Command;

use testkit::conformance::{self, Server};

fn server(threads: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_async-tcp"));
    command.args(["--threads", threads]);
    command
}

#[test]
fn the_server_passes_every_case_on_one_thread_and_on_two() {
    let matrix = conformance::run(
        "cargo test -p async-tcp --test conformance",
        &[
            Server { name: "async-tcp", command: || server("1"), fails: &[], only: &[] },
            Server {
                name: "async-tcp --threads 2",
                command: || server("2"),
                fails: &[],
                only: &[],
            },
        ],
    );
    println!("{matrix}");
    let surprises = matrix.surprises();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../book/results/conformance/05.json");
    matrix.compare_with(Path::new(committed)).unwrap();
}
