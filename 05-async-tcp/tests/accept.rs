//! Accepting: by several tasks, and when the system says no.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod support;

use std::io::{Read, Write};
use std::net::{self, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use async_tcp::{Runtime, TcpListener, spawn};
use support::until;
use testkit::{ServerProcess, patient_watchdog};

const CLIENTS: usize = 100;

#[test]
fn several_tasks_accept_from_one_listener_and_lose_no_client() {
    let _guard = patient_watchdog("a client was connected, and no task has accepted it");
    for threads in [1, 2] {
        let runtime = Runtime::builder().threads(threads).build().unwrap();
        runtime.block_on(async {
            let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
            let listener = Arc::new(TcpListener::bind(any_port).unwrap());
            let addr = listener.local_addr().unwrap();
            let accepted = Arc::new(AtomicUsize::new(0));
            for _ in 0..4 {
                let (listener, accepted) = (listener.clone(), accepted.clone());
                spawn(async move {
                    loop {
                        listener.accept().await.unwrap();
                        accepted.fetch_add(1, SeqCst);
                    }
                });
            }
            for client in 1..=CLIENTS {
                let _stream = net::TcpStream::connect(addr).unwrap();
                until(|| accepted.load(SeqCst) == client).await;
            }
        });
        assert_eq!(runtime.sockets(), 1, "the listener, which the tasks have");
    }
}

#[test]
fn an_accept_that_is_dropped_loses_no_client() {
    let _guard = patient_watchdog("the client that had connected was lost");
    Runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let (counter, waker) = testkit::CountingWaker::new();
        let mut accept = Box::pin(listener.accept());
        testkit::assert_pending!(testkit::poll_once(&mut accept, &waker));
        let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        until(|| counter.wakes() == 1).await;
        drop(accept);
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
    });
}

#[test]
fn clients_that_reset_before_they_are_accepted_hold_up_nobody() {
    let _guard = patient_watchdog("the client after those that left was not accepted");
    Runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let addr = listener.local_addr().unwrap();
        for _ in 0..20 {
            let rude = net::TcpStream::connect(addr).unwrap();
            testkit::reset(rude).unwrap();
        }
        let client = net::TcpStream::connect(addr).unwrap();
        loop {
            // Linux returns those that have left, and has their reset for the first read.
            let Ok((_, peer)) = listener.accept().await else { continue };
            if peer == client.local_addr().unwrap() {
                break;
            }
        }
    });
}

/// Linux only: prlimit(2) and /proc.
#[cfg(target_os = "linux")]
#[test]
fn without_descriptors_the_server_waits_at_no_cost_and_accepts_once_there_are_some() {
    let _guard = patient_watchdog("the server did not accept the client that had waited");
    let server = ServerProcess::start(Command::new(env!("CARGO_BIN_EXE_async-tcp"))).unwrap();
    let connect = || net::TcpStream::connect(server.addr()).unwrap();
    let say_hello = |mut stream: &net::TcpStream| {
        stream.write_all(b"hello").unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
    };
    let first = connect();
    say_hello(&first);
    server.limit_descriptors(0).unwrap();
    let waits = connect();
    // It pauses for 50 ms between two calls.
    server.expect_idle(Duration::from_millis(500)).unwrap();
    say_hello(&first);
    drop(first);
    say_hello(&waits);
}
