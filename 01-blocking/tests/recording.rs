//! `--trace` leaves nothing behind when the server cannot listen, and replaces no file.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

fn refused(addr: &str, trace: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blocking"));
    let output = command.args(["--addr", addr, "--trace"]).arg(trace).output().expect("it starts");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_server_that_cannot_listen_records_nothing() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let addr = taken.local_addr().expect("it is bound").to_string();
    let trace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-listening.json");
    // What a failed run has left is not this one's.
    let _ = fs::remove_file(&trace);
    let said = refused(&addr, &trace);
    assert!(said.contains("choose another with --addr"), "{said}");
    assert!(!trace.exists(), "a recording of nothing");
}

#[test]
fn a_file_that_exists_is_kept() {
    let notes = Path::new(env!("CARGO_TARGET_TMPDIR")).join("notes.txt");
    fs::write(&notes, "what somebody wrote").expect("the folder can be written");
    let said = refused("127.0.0.1:0", &notes);
    assert!(said.contains("name a new file"), "{said}");
    assert_eq!(fs::read_to_string(&notes).expect("it is there"), "what somebody wrote");
}
