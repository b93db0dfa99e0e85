//! What was wrong in other runtimes and servers that teach, one test each: those of the async-io demo,
//! from which these stages started, and those of others.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod support;

use std::io::{Read, Write};
use std::net::{self, Shutdown, SocketAddr};
use std::pin::pin;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use async_tcp::fs::File;
use async_tcp::{Runtime, TcpListener, TcpStream, spawn, yield_now};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use support::{pair, unanswering, until};
use testkit::{CountingWaker, OnDrop, Probe, ServerProcess, patient_watchdog, poll_once};

const THREADS: [&str; 2] = ["1", "2"];

fn server(threads: &str) -> ServerProcess {
    let mut command = Command::new(env!("CARGO_BIN_EXE_async-tcp"));
    command.args(["--threads", threads]);
    ServerProcess::start(command).unwrap()
}

fn connect(server: &ServerProcess) -> net::TcpStream {
    net::TcpStream::connect(server.addr()).unwrap()
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

// The async-io demo.

#[test]
fn a_task_that_is_spawned_inside_of_a_task_inside_of_a_task_runs() {
    let _guard = patient_watchdog("a task inside of a task was never run");
    for threads in [1, 2] {
        Runtime::builder().threads(threads).build().unwrap().block_on(async {
            let outer = spawn(async {
                let (mut stream, mut peer) = pair();
                peer.write_all(b"!").unwrap();
                let inner = spawn(async move {
                    spawn(async move { stream.read(&mut [0; 1]).await.unwrap() }).await.unwrap()
                });
                inner.await.unwrap()
            });
            assert_eq!(outer.await.unwrap(), 1);
        });
    }
}

#[test]
fn a_missing_file_costs_one_client_its_answer_and_no_more() {
    let _guard = patient_watchdog("after a missing file, the server served nobody");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("there"), "contents").unwrap();
    Runtime::new().unwrap().block_on(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let addr = listener.local_addr().unwrap();
        let folder = folder.path().to_owned();
        spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let folder = folder.clone();
                spawn(async move {
                    let mut name = String::new();
                    stream.read_to_string(&mut name).await?;
                    let file = File::open(folder.join(name)).await?;
                    futures::io::copy(file, &mut stream).await
                });
            }
        });
        for (name, expected) in [("there", "contents"), ("missing", ""), ("there", "contents")] {
            let mut client = TcpStream::connect(addr).await.unwrap();
            client.write_all(name.as_bytes()).await.unwrap();
            client.close().await.unwrap();
            let mut contents = String::new();
            client.read_to_string(&mut contents).await.unwrap();
            assert_eq!(contents, expected);
        }
    });
}

#[test]
fn two_hundred_kilobytes_come_back_whole() {
    for threads in THREADS {
        let _guard = patient_watchdog("the rest of the echo never came");
        let server = server(threads);
        let mut stream = connect(&server);
        let bytes: Vec<_> = (0..200_000).map(|at| (at % 251) as u8).collect();
        let (mut writer, sent) = (stream.try_clone().unwrap(), bytes.clone());
        let writes = thread::spawn(move || {
            writer.write_all(&sent).unwrap();
            writer.shutdown(Shutdown::Write).unwrap();
        });
        let mut back = Vec::new();
        stream.read_to_end(&mut back).unwrap();
        writes.join().unwrap();
        assert!(back == bytes, "{} bytes came back, or not those that were sent", back.len());
    }
}

#[test]
fn a_clone_of_a_waker_is_one_of_its_own_and_a_wake_gives_back_what_it_took() {
    let _guard = patient_watchdog("the task was not woken");
    Runtime::new().unwrap().block_on(async {
        let probe = Probe::new();
        let dropped = Arc::new(Mutex::new(false));
        let flag = dropped.clone();
        let on_drop = OnDrop::new(move || *flag.lock().unwrap() = true);
        let waits = probe.ready_at(3);
        let task = spawn(async move {
            let _on_drop = on_drop;
            waits.await;
        });
        until(|| probe.polls() == 1).await;
        let waker = probe.waker().unwrap();
        let clones: Vec<_> = (0..100).map(|_| waker.clone()).collect();
        // By value and by reference, from here and from another thread.
        let (here, there) = clones.split_at(50);
        here.iter().cloned().for_each(std::task::Waker::wake);
        until(|| probe.polls() == 2).await;
        let there = there.to_vec();
        thread::spawn(move || there.iter().for_each(std::task::Waker::wake_by_ref)).join().unwrap();
        task.await.unwrap();
        assert!(*dropped.lock().unwrap());
        assert_eq!(probe.drops(), 1);
        clones.into_iter().for_each(std::task::Waker::wake);
        yield_now().await;
        assert_eq!(probe.late_polls(), 0, "a task that is over is not polled");
    });
}

// Other servers.

#[test]
fn a_request_that_comes_in_two_writes_is_answered() {
    for threads in THREADS {
        let _guard = patient_watchdog("the second half of the request was not read");
        let server = server(threads);
        let mut stream = connect(&server);
        stream.set_nodelay(true).unwrap();
        for half in [b"first", b"other"] {
            stream.write_all(half).unwrap();
            let mut back = [0; 5];
            stream.read_exact(&mut back).unwrap();
            assert_eq!(&back, half);
        }
    }
}

/// Linux only: /proc.
#[cfg(target_os = "linux")]
#[test]
fn an_idle_client_costs_no_processor() {
    for threads in THREADS {
        let _guard = patient_watchdog("the server did not answer");
        let server = server(threads);
        let mut stream = connect(&server);
        stream.write_all(b"hello").unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        server.expect_idle(Duration::from_millis(300)).unwrap();
    }
}

#[test]
fn a_reset_ends_one_connection() {
    for threads in THREADS {
        let _guard = patient_watchdog("a client that reset has ended the others, or the server");
        let server = server(threads);
        let mut other = connect(&server);
        for _ in 0..5 {
            let mut rude = connect(&server);
            rude.write_all(&[0; 10_000]).unwrap();
            testkit::reset(rude).unwrap();
            other.write_all(b"hello").unwrap();
            other.read_exact(&mut [0; 5]).unwrap();
        }
        assert!(server.exited().unwrap().is_none());
    }
}

#[test]
fn the_waker_of_each_poll_is_the_one_that_is_woken() {
    let _guard = patient_watchdog("the event woke nobody");
    Runtime::new().unwrap().block_on(async {
        let (mut stream, mut peer) = pair();
        let ((first, first_waker), (second, second_waker)) =
            (CountingWaker::new(), CountingWaker::new());
        let mut buffer = [0; 1];
        let mut read = stream.read(&mut buffer);
        assert!(poll_once(&mut read, &first_waker).is_pending());
        assert!(poll_once(&mut read, &second_waker).is_pending());
        peer.write_all(b"!").unwrap();
        until(|| second.wakes() > 0).await;
        assert_eq!((first.wakes(), second.wakes()), (0, 1));
        assert_eq!(first.live(), 1);
    });
}

#[test]
fn tasks_run_in_the_order_in_which_they_were_spawned() {
    Runtime::new().unwrap().block_on(async {
        let order = Arc::new(Mutex::new(Vec::new()));
        let spawn_one = |number| {
            let order = order.clone();
            spawn(async move { order.lock().unwrap().push(number) })
        };
        let tasks: Vec<_> = (0..20).map(spawn_one).collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
    });
}

#[test]
fn connect_does_not_block_inside_of_its_poll() {
    let _guard = patient_watchdog("connect has blocked the thread that would have accepted");
    Runtime::new().unwrap().block_on(async {
        let (_listener, _first, addr) = unanswering();
        let mut connect = pin!(TcpStream::connect(addr));
        let polled = poll_once(&mut connect, std::task::Waker::noop());
        assert!(matches!(polled, Poll::Pending), "{polled:?}");
    });
}

#[test]
fn a_wake_after_the_end_of_a_task_does_nothing() {
    let _guard = patient_watchdog("the task did not end");
    Runtime::new().unwrap().block_on(async {
        let probe = Probe::new();
        let task = spawn(probe.ready_at(2));
        until(|| probe.polls() == 1).await;
        let waker = probe.waker().unwrap();
        waker.wake_by_ref();
        task.await.unwrap();
        waker.wake_by_ref();
        thread::spawn(move || waker.wake()).join().unwrap();
        yield_now().await;
        assert_eq!(probe.late_polls(), 0);
    });
}
