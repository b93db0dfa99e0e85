//! The beginning and the end of a runtime.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod support;

use std::future::pending;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use async_tcp::{Runtime, TcpListener, TcpStream, sleep, spawn, unblock, yield_now};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use support::{deserted, pair, std_pair};
use testkit::{
    CountingWaker, OnDrop, assert_pending, assert_woken_once, patient_watchdog, poll_once,
};

/// Longer than any test: it waits until it is done.
const FOR_EVER: Duration = Duration::MAX;

/// What the panic of `code` says.
fn words(code: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(code)).expect_err("it did not panic");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap()
}

#[test]
fn an_idle_runtime_shuts_down_and_drops_its_tasks() {
    let _guard = patient_watchdog("the shutdown did not return");
    for threads in [1, 3] {
        let runtime = Runtime::builder().threads(threads).build().unwrap();
        let dropped = Arc::new(AtomicBool::new(false));
        let flag = dropped.clone();
        runtime.block_on(async {
            let (mut stream, peer) = pair();
            spawn(async move {
                let _flag = OnDrop::new(move || flag.store(true, SeqCst));
                let _peer = peer;
                stream.read(&mut [0; 1]).await
            });
            yield_now().await;
        });
        runtime.shutdown(FOR_EVER).unwrap();
        assert!(dropped.load(SeqCst));
    }
}

#[test]
fn a_shutdown_whose_time_is_up_says_how_many_calls_still_run() {
    let _guard = patient_watchdog("the shutdown did not return");
    let runtime = Runtime::builder().blocking_threads(1).build().unwrap();
    let (release, released) = mpsc::channel::<()>();
    runtime.block_on(async {
        let mut blocks = Box::pin(unblock(move || released.recv()));
        let mut waits = Box::pin(unblock(|| {}));
        assert_pending!(poll_once(&mut blocks, std::task::Waker::noop()));
        assert_pending!(poll_once(&mut waits, std::task::Waker::noop()));
    });
    let error = runtime.shutdown(Duration::ZERO).unwrap_err();
    assert_eq!(error.blocking, 2);
    assert!(error.to_string().contains("2 blocking calls still ran"), "{error}");
    drop(release);
}

#[test]
fn a_shutdown_does_not_wait_for_a_poll_that_blocks() {
    let _guard = patient_watchdog("the shutdown did not return");
    let runtime = Runtime::builder().threads(2).build().unwrap();
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    runtime.spawn(async move {
        begun.send(()).unwrap();
        let _ = released.recv();
    });
    begins.recv().unwrap();
    let error = runtime.shutdown(Duration::ZERO).unwrap_err();
    assert_eq!(error.blocking, 0);
    assert!(error.to_string().contains("a task was still being polled"), "{error}");
    drop(release);
}

#[test]
fn a_shutdown_waits_for_writes_that_nobody_awaits() {
    let _guard = patient_watchdog("the shutdown did not return");
    let folder = tempfile::tempdir().unwrap();
    let path = |number: usize| folder.path().join(number.to_string());
    let runtime = Runtime::builder().blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        for number in 0..20 {
            let mut write = Box::pin(async_tcp::fs::write(path(number), b"written".to_vec()));
            let _ = poll_once(&mut write, std::task::Waker::noop());
        }
    });
    runtime.shutdown(FOR_EVER).unwrap();
    (0..20).for_each(|number| assert_eq!(std::fs::read(path(number)).unwrap(), b"written"));
}

#[test]
fn dropped_or_shut_down_inside_its_own_task_it_says_what_to_do() {
    let _guard = patient_watchdog("the runtime waits for itself");
    let ends: [fn(Runtime); 2] = [drop, |runtime| {
        let _ = runtime.shutdown(FOR_EVER);
    }];
    for end in ends {
        let runtime = Runtime::builder().threads(2).build().unwrap();
        let (send, receive) = mpsc::channel::<Runtime>();
        // The thread of no `block_on`: it is the runtime's own.
        let task = runtime.spawn(async move { end(receive.recv().unwrap()) });
        send.send(runtime).unwrap();
        let error = waker::block_on(task).unwrap_err();
        assert!(error.to_string().contains("outside of block_on"), "{error}");
    }
}

#[test]
fn dropped_or_shut_down_inside_its_own_blocking_call_it_says_what_to_do() {
    let _guard = patient_watchdog("the runtime waits for the thread that it is dropped on");
    let ends: [fn(Runtime); 2] = [drop, |runtime| {
        let _ = runtime.shutdown(FOR_EVER);
    }];
    for end in ends {
        let runtime = Runtime::new().unwrap();
        let (send, receive) = mpsc::channel();
        let mut call = Box::pin(unblock(move || end(receive.recv().unwrap())));
        runtime.block_on(async { assert_pending!(poll_once(&mut call, std::task::Waker::noop())) });
        send.send(runtime).unwrap();
        let why = words(|| waker::block_on(call));
        assert!(why.contains("outside of block_on"), "{why}");
    }
}

#[test]
fn a_runtime_may_end_inside_a_task_of_another() {
    let _guard = patient_watchdog("the inner runtime did not end");
    let inner = Runtime::new().unwrap();
    inner.spawn(pending::<()>());
    Runtime::new().unwrap().block_on(async {
        inner.shutdown(FOR_EVER).unwrap();
        drop(Runtime::new().unwrap());
        // The thread still works for the outer one.
        drop(pair());
        sleep(Duration::ZERO).await;
    });
}

#[test]
fn a_socket_that_outlives_its_runtime_returns_errors() {
    let _guard = patient_watchdog("a socket waits for a reactor that is gone");
    let runtime = Runtime::new().unwrap();
    let (mut stream, _peer, listener) = runtime.block_on(async {
        let (stream, peer) = pair();
        (stream, peer, TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap())
    });
    let (counter, waker) = CountingWaker::new();
    let mut buffer = [0; 1];
    assert_pending!(poll_once(&mut stream.read(&mut buffer), &waker));
    drop(runtime);
    assert_woken_once!(counter, "who waits for a socket learns that its runtime ends");
    for error in [
        waker::block_on(stream.read(&mut buffer)).unwrap_err(),
        waker::block_on(stream.write(b"!")).unwrap_err(),
        waker::block_on(stream.peek(&mut buffer)).unwrap_err(),
        waker::block_on(listener.accept()).unwrap_err(),
    ] {
        assert!(error.to_string().contains("has shut down"), "{error}");
    }
    drop((stream, listener));
    assert_eq!(counter.live(), 1);
}

#[test]
fn sockets_outside_of_a_runtime_say_what_to_do() {
    // Although it could not be bound either.
    let (_taken, addr) = deserted();
    let outside = words(|| drop(TcpListener::bind(addr)));
    assert!(outside.contains("call it inside of `Executor::block_on`"), "{outside}");
    let (ours, _peer) = std_pair();
    let other = words(|| {
        executor::block_on(async { drop(TcpStream::from_std(ours)) });
    });
    assert!(other.contains("run it in `async_tcp::Runtime::block_on`"), "{other}");
    let blocks = words(|| executor::block_on(unblock(|| {})));
    assert!(blocks.contains("run it in `async_tcp::Runtime::block_on`"), "{blocks}");
}

#[test]
fn two_runtimes_on_two_threads_talk_to_each_other() {
    let _guard = patient_watchdog("one of the runtimes was not woken");
    let (send, receive) = mpsc::channel();
    let server = std::thread::spawn(move || {
        Runtime::new().unwrap().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            async_tcp::echo::echo(stream, None).await.unwrap();
        });
    });
    Runtime::new().unwrap().block_on(async {
        let mut stream = TcpStream::connect(receive.recv().unwrap()).await.unwrap();
        let mut buffer = [0; 5];
        for _ in 0..100 {
            stream.write_all(b"hello").await.unwrap();
            stream.read_exact(&mut buffer).await.unwrap();
        }
    });
    server.join().unwrap();
}

#[test]
fn a_socket_moves_between_tasks_of_two_threads() {
    let _guard = patient_watchdog("a task was not woken for a socket that another task had before");
    let runtime = Runtime::builder().threads(2).build().unwrap();
    runtime.block_on(async {
        let (mut stream, mut peer) = pair();
        for round in 0..200_u8 {
            // Its waker is left in the socket, and belongs to a task that is over.
            assert_pending!(poll_once(&mut stream.read(&mut [0; 1]), std::task::Waker::noop()));
            let task = spawn(async move {
                let mut byte = [0; 1];
                stream.read_exact(&mut byte).await.unwrap();
                (stream, byte[0])
            });
            peer.write_all(&[round]).unwrap();
            let byte;
            (stream, byte) = task.await.unwrap();
            assert_eq!(byte, round);
        }
    });
}
