//! Turns: a socket that always has bytes, and tasks that are always ready.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod support;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use async_tcp::{Runtime, TcpListener, spawn, yield_now};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use support::pair;
use testkit::patient_watchdog;

#[test]
fn a_socket_that_always_has_bytes_lets_another_task_run() {
    let _guard = patient_watchdog("a task read without end, and the other never had a turn");
    Runtime::new().unwrap().block_on(async {
        let (mut stream, mut peer) = pair();
        // More than one turn can read: it is all there before the first read.
        peer.write_all(&[0; 20_000]).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let reads = spawn(async move {
            let mut read = 0;
            while !stopped.load(SeqCst) {
                read += stream.read(&mut [0; 1]).await.unwrap();
            }
            read
        });
        spawn(async move { stop.store(true, SeqCst) });
        let read = reads.await.unwrap();
        assert!(0 < read && read < 20_000, "{read} bytes were read before the other's turn");
    });
}

#[test]
fn a_socket_that_always_has_room_lets_another_task_run() {
    let _guard = patient_watchdog("a task wrote without end, and the other never had a turn");
    Runtime::new().unwrap().block_on(async {
        let (mut stream, _peer) = pair();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let writes = spawn(async move {
            let mut written = 0;
            while !stopped.load(SeqCst) && written < 10_000 {
                written += stream.write(b"!").await.unwrap();
            }
            written
        });
        spawn(async move { stop.store(true, SeqCst) });
        assert!(writes.await.unwrap() < 10_000, "all was written before the other's turn");
    });
}

#[test]
fn clients_that_always_wait_let_another_task_run() {
    let _guard = patient_watchdog("a task accepted without end, and the other never had a turn");
    const CLIENTS: usize = 300;
    Runtime::new().unwrap().block_on(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        // The default queue of std's listener is shorter.
        socket2::SockRef::from(&listener).listen(1024).unwrap();
        let addr = listener.local_addr().unwrap();
        let connect = |_| std::net::TcpStream::connect(addr).unwrap();
        let clients: Vec<_> = (0..CLIENTS).map(connect).collect();
        let listener = TcpListener::from_std(listener).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let accepts = spawn(async move {
            let mut accepted = 0;
            while !stopped.load(SeqCst) && accepted < CLIENTS {
                listener.accept().await.unwrap();
                accepted += 1;
            }
            accepted
        });
        spawn(async move { stop.store(true, SeqCst) });
        assert!(accepts.await.unwrap() < CLIENTS, "all were accepted before the other's turn");
        drop(clients);
    });
}

#[test]
fn tasks_that_are_always_ready_do_not_starve_sockets() {
    for threads in [1, 2] {
        let _guard = patient_watchdog("the socket had bytes, and its task was never woken");
        let runtime = Runtime::builder().threads(threads).build().unwrap();
        runtime.block_on(async {
            for _ in 0..4 {
                spawn(async {
                    loop {
                        yield_now().await;
                    }
                });
            }
            let (mut stream, mut peer) = pair();
            let task = spawn(async move {
                let mut byte = [0; 1];
                stream.read_exact(&mut byte).await.unwrap();
                byte[0]
            });
            yield_now().await;
            peer.write_all(b"!").unwrap();
            assert_eq!(task.await.unwrap(), b'!');
        });
    }
}
