//! A client that the system has no thread for waits until another one ends. Linux only: the limit is
//! one on addresses, which leaves no room for another stack.
#![cfg(target_os = "linux")]

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use testkit::ServerProcess;

/// Less than a stack, which takes 2 MiB, and enough for what a server needs besides.
const SLACK: u64 = 1 << 20;

#[test]
fn a_client_without_a_thread_waits_for_one() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blocking"));
    command.arg("threads");
    let mut server = ServerProcess::start(command).expect("the server starts");
    let mut first = TcpStream::connect(server.addr()).expect("the backlog has room");
    say_hello(&mut first).expect("the first has a thread");

    let pid = i32::try_from(server.id()).ok().and_then(Pid::from_raw);
    let limit = Some(addresses(server.id()) + SLACK);
    prlimit(pid, Resource::As, Rlimit { current: limit, maximum: limit }).expect("a lower limit");
    let mut second = TcpStream::connect(server.addr()).expect("the backlog has room");
    // A server that closes it does so in microseconds: this is how it looks from outside to wait.
    second.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
    let waits = say_hello(&mut second).expect_err("there was a thread for the second");
    assert!(matches!(waits.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waits}");

    drop(first);
    second.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    second.read_exact(&mut [0; 5]).expect("the first has left its thread to the second");
    assert!(server.kill().contains("no thread for this client yet"));
}

fn say_hello(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"hello")?;
    stream.read_exact(&mut [0; 5])
}

/// How many bytes of addresses the process has.
fn addresses(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.expect("VmSize in KiB (proc(5))") * 1024
}
