//! Ctrl-Z and `fg` make `epoll_wait` return EINTR (signal(7)): that is no reason to end. Linux only:
//! /proc tells when the server sleeps.
#![cfg(target_os = "linux")]

use std::io::{self, Read, Write};
use std::net::TcpStream;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use nonblocking_poll::park::park;
use rustix::process::{Pid, Signal, kill_process};
use testkit::ServerProcess;

#[test]
fn a_parked_thread_sleeps_on_after_ctrl_z_and_fg() {
    if ServerProcess::is_server() {
        return serve_one().expect("nothing ends the wait but a client");
    }
    let _guard = testkit::watchdog("the server never slept, or never stopped");
    let name = "a_parked_thread_sleeps_on_after_ctrl_z_and_fg";
    let server = ServerProcess::start_test(name, &[]).expect("it listens");
    let pid = i32::try_from(server.id()).ok().and_then(Pid::from_raw).expect("a process number");
    wait_until_all_are(server.id(), 'S');
    kill_process(pid, Signal::STOP).expect("it runs");
    wait_until_all_are(server.id(), 'T');
    kill_process(pid, Signal::CONT).expect("it is stopped");
    let mut client = TcpStream::connect(server.addr()).expect("the backlog has room");
    client.read_exact(&mut [0]).expect("the signal has ended the server");
}

/// Waits for a client, and greets it.
fn serve_one() -> io::Result<()> {
    let mut poller = Poll::new()?;
    let mut listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    poller.registry().register(&mut listener, Token(0), Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);
    park(&mut poller, &mut Events::with_capacity(1), None)?;
    listener.accept()?.0.write_all(b"x")
}

/// Until each thread of the process is in this state (proc(5)).
fn wait_until_all_are(pid: u32, state: char) {
    let is = |folder: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(folder.path().join("stat")).expect("it lives");
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(state))
    };
    let tasks = || std::fs::read_dir(format!("/proc/{pid}/task")).expect("it runs");
    while !tasks().all(|task| is(task.expect("an entry"))) {
        std::thread::yield_now();
    }
}
