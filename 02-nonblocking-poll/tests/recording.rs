//! `--trace` leaves nothing behind when the server cannot listen.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

#[test]
fn a_server_that_cannot_listen_records_nothing() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let addr = taken.local_addr().expect("it is bound").to_string();
    let trace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-listening.json");
    // A failed run may have left one.
    let _ = std::fs::remove_file(&trace);
    let mut command = Command::new(env!("CARGO_BIN_EXE_nonblocking-poll"));
    let output =
        command.args(["--addr", &addr, "--trace"]).arg(&trace).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("choose another with --addr"), "{said}");
    assert!(!trace.exists(), "a recording of nothing");
}
