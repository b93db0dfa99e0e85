//! `spin` is busy with its clients while the system has no descriptor for another one. Linux only:
//! /proc tells how often the server slept.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use testkit::ServerProcess;

/// How often the client says hello. A round that sleeps would do so for each.
const HELLOS: u64 = 20;

#[test]
fn spin_does_not_sleep_when_descriptors_are_out() {
    let _guard = testkit::watchdog("a client of spin was not answered");
    let mut command = Command::new(env!("CARGO_BIN_EXE_nonblocking-poll"));
    command.arg("spin");
    let server = ServerProcess::start(command).expect("the server starts");
    let mut client = TcpStream::connect(server.addr()).expect("the backlog has room");
    let mut say_hello = || {
        client.write_all(b"hello").expect("the server takes it");
        client.read_exact(&mut [0; 5]).expect("the server answers");
    };
    say_hello();
    server.limit_descriptors(0).expect("a lower limit");
    let _waits = TcpStream::connect(server.addr()).expect("the backlog has room");
    let sleeps = || server.waited().expect("it runs, and /proc tells");
    let before = sleeps();
    (0..HELLOS).for_each(|_| say_hello());
    let slept = sleeps() - before;
    assert!(slept < HELLOS / 2, "the server slept {slept} times in {HELLOS} answers");
}
