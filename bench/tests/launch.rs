//! Servers end with the tool, whatever ends it.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const ARENA: &str = env!("CARGO_BIN_EXE_arena");

#[test]
fn a_server_ends_when_its_parent_is_killed() {
    // A shell stands for the tool: it starts a server as the tool does, says which, and waits.
    let mut parent = Command::new("sh")
        .args(["-c", "\"$1\" launch $$ any \"$2\" & echo $!; wait", "sh"])
        .args([ARENA, env!("CARGO_BIN_EXE_raw-epoll-echo")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The two write at the same time: either may be the first.
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut lines: Vec<_> = lines.take(2).collect();
    lines.sort();
    let [pid, line] = lines.try_into().expect("the shell and the server say a line each");
    let server = Pid::from_raw(pid.parse().unwrap()).unwrap();
    let addr = line.strip_prefix("listening on ").expect("a server says where it listens");
    TcpStream::connect(addr).expect("it serves as long as its parent lives");

    parent.kill().unwrap();
    parent.wait().unwrap();
    let start = Instant::now();
    while TcpStream::connect(addr).is_ok() {
        if start.elapsed() > Duration::from_secs(10) {
            let _ = kill_process(server, Signal::KILL);
            panic!("the server has outlived its parent by ten seconds");
        }
    }
}

#[test]
fn a_server_whose_parent_is_gone_does_not_begin() {
    // The first process of the system is not our parent.
    let output = Command::new(ARENA).args(["launch", "1", "any", "true"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "arena: the arena has ended before its server began\n");
    assert_eq!(output.status.code(), Some(1));
}
