//! `--max-connections` is a limit on conversations: a client beyond it waits, and is served when one
//! of the others has left.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use testkit::ServerProcess;

#[test]
fn threads_serves_no_more_than_it_may() {
    the_third_of_two_waits("threads");
}

#[test]
fn pool_serves_no_more_than_it_may() {
    the_third_of_two_waits("pool");
}

fn the_third_of_two_waits(mode: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blocking"));
    command.args([mode, "--max-connections", "2"]);
    let server = ServerProcess::start(command).expect("the server starts");
    let connect = |patience| {
        let stream = TcpStream::connect(server.addr()).expect("the backlog has room");
        stream.set_read_timeout(Some(patience)).expect("a timeout");
        stream
    };
    let mut first = connect(Duration::from_secs(5));
    let mut second = connect(Duration::from_secs(5));
    say_hello(&mut first).expect("the first of two is served");
    say_hello(&mut second).expect("the second of two is served");

    // A server without the limit answers in microseconds. 200 ms without an answer is how it looks
    // from outside to wait.
    let mut third = connect(Duration::from_millis(200));
    let waits = say_hello(&mut third).expect_err("the third of two was served");
    assert!(matches!(waits.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waits}");

    drop(first);
    third.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    third.read_exact(&mut [0; 5]).expect("one has left, so the third is served");
}

fn say_hello(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"hello")?;
    stream.read_exact(&mut [0; 5])
}
