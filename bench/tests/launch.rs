//! Servers end with the tool, whatever ends it.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn a_server_ends_when_its_parent_is_killed() {
    // A shell stands for the tool: it starts a server as the tool does, and waits.
    let mut parent = Command::new("sh")
        .args(["-c", "\"$1\" launch $$ any \"$2\" & wait", "sh"])
        .args([env!("CARGO_BIN_EXE_arena"), env!("CARGO_BIN_EXE_raw-epoll-echo")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let addr = line.trim().strip_prefix("listening on ").expect("a server says where it listens");
    TcpStream::connect(addr).expect("it serves as long as its parent lives");

    parent.kill().unwrap();
    parent.wait().unwrap();
    let start = Instant::now();
    while TcpStream::connect(addr).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(10), "the server outlives its parent");
    }
}

#[test]
fn a_server_whose_parent_is_gone_does_not_begin() {
    let output = Command::new(env!("CARGO_BIN_EXE_arena"))
        .args(["launch", "1", "any", env!("CARGO_BIN_EXE_raw-epoll-echo")])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "arena: the arena has ended before its server began\n");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}
