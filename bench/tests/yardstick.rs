//! The yardstick is honest: it passes the conformance suite, but for what it says that it leaves out.

use std::process::Command;

use testkit::conformance::{self, Server};

#[test]
fn the_yardstick_fails_what_it_leaves_out_and_nothing_else() {
    let matrix = conformance::run(
        "cargo test --manifest-path bench/Cargo.toml --test yardstick",
        &[Server {
            name: "raw epoll",
            command: || Command::new(env!("CARGO_BIN_EXE_raw-epoll-echo")),
            fails: &["descriptor_exhaustion_is_survived", "shutdown_drains"],
            only: &[],
        }],
    );
    println!("{matrix}");
    let surprises = matrix.surprises();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
