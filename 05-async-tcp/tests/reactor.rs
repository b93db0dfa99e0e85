//! What the reactor keeps of a socket, and when it runs the code of others.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod support;

use std::io::{Read, Write};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_tcp::{Runtime, TcpListener, spawn, timeout};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use support::{pair, until};
use testkit::{
    CountingWaker, HookWaker, assert_pending, assert_woken_once, patient_watchdog, poll_once,
};

#[test]
fn data_and_end_in_one_event_are_both_read() {
    let _guard = patient_watchdog("the end came in the same event as the data, and was never read");
    Runtime::new().unwrap().block_on(async {
        let (mut stream, mut peer) = pair();
        let mut buffer = [0; 100];
        {
            let mut read = stream.read(&mut buffer);
            let (counter, waker) = CountingWaker::new();
            assert_pending!(poll_once(&mut read, &waker));
            peer.write_all(b"last words").unwrap();
            drop(peer);
            until(|| counter.wakes() > 0).await;
        }
        assert_eq!(stream.read(&mut buffer).await.unwrap(), 10, "a short read");
        assert_eq!(stream.read(&mut buffer).await.unwrap(), 0);
        assert_eq!(stream.read(&mut buffer).await.unwrap(), 0, "the end stays");
    });
}

#[test]
fn a_waker_may_register_and_drop_sockets() {
    let _guard = patient_watchdog("a waker was called under a lock that it needed itself");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (mut stream, mut peer) = pair();
        let (other, _other_peer) = pair();
        let registered = Arc::new(Mutex::new(None));
        let slot = registered.clone();
        let (counter, inner) = CountingWaker::new();
        let hook = move || {
            drop(other);
            *slot.lock().unwrap() = Some(TcpListener::bind("127.0.0.1:0".parse().unwrap()));
        };
        let waker = HookWaker::new(&inner).on_wake(hook).waker();
        let mut buffer = [0; 1];
        assert_pending!(poll_once(&mut stream.read(&mut buffer), &waker));
        peer.write_all(b"!").unwrap();
        until(|| counter.wakes() == 1).await;
        assert!(registered.lock().unwrap().take().unwrap().is_ok());
        assert_eq!(runtime.sockets(), 1);
    });
}

#[test]
fn the_drop_of_a_waker_may_register_and_drop_sockets() {
    let _guard = patient_watchdog("a waker was dropped under a lock that it needed itself");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (mut stream, _peer) = pair();
        let (other, _other_peer) = pair();
        let hook = || {
            drop(other);
            drop(pair());
        };
        let waker = HookWaker::new(std::task::Waker::noop()).on_drop(hook).waker();
        assert_pending!(poll_once(&mut stream.read(&mut [0; 1]), &waker));
        drop(stream);
        assert_eq!(runtime.sockets(), 0);
    });
}

#[test]
fn a_socket_keeps_one_waker_at_most_and_none_after_its_drop() {
    let _guard = patient_watchdog("an event did not wake");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (mut stream, mut peer) = pair();
        let (counter, waker) = CountingWaker::new();
        let mut buffer = [0; 1];
        for _ in 0..3 {
            assert_pending!(poll_once(&mut stream.read(&mut buffer), &waker));
        }
        assert_eq!(counter.live(), 2, "the read was dropped: its waker waits for the next one");
        peer.write_all(b"!").unwrap();
        until(|| counter.wakes() > 0).await;
        assert_woken_once!(counter);
        assert_eq!(counter.live(), 1, "it was handed out with the event");
        assert!(poll_once(&mut stream.read(&mut buffer), &waker).is_ready());
        assert_eq!(counter.live(), 1, "who is ready leaves none");
        assert_pending!(poll_once(&mut stream.read(&mut buffer), &waker));
        drop(stream);
        assert_eq!((counter.live(), runtime.sockets()), (1, 0));
    });
}

#[test]
fn waiters_through_a_shared_reference_leave_with_their_futures() {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let (stream, _peer) = pair();
        let (counter, waker) = CountingWaker::new();
        {
            let mut buffer = [0; 1];
            let mut first = pin!(listener.accept());
            let mut second = pin!(listener.accept());
            let mut peek = pin!(stream.peek(&mut buffer));
            assert_pending!(poll_once(&mut first, &waker));
            assert_pending!(poll_once(&mut second, &waker));
            assert_pending!(poll_once(&mut peek, &waker));
            assert_eq!(counter.live(), 4);
        }
        assert_eq!(counter.live(), 1);
    });
}

#[test]
fn a_read_that_timed_out_takes_no_bytes_and_no_task_along() {
    let _guard = patient_watchdog("the bytes after the timeout were not read");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (mut stream, mut peer) = pair();
        let owner = Arc::new(());
        let weak = Arc::downgrade(&owner);
        let task = spawn(async move {
            let _owner = owner;
            let mut buffer = [0; 4];
            timeout(Duration::ZERO, stream.read(&mut buffer)).await.unwrap_err();
            stream
        });
        let mut stream = task.await.unwrap();
        assert!(weak.upgrade().is_none(), "the future of the task is gone");
        peer.write_all(b"kept").unwrap();
        let mut buffer = [0; 4];
        stream.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"kept");
    });
}

#[test]
fn a_write_waits_for_room_and_what_was_taken_arrives_once() {
    let _guard = patient_watchdog("a write was not woken when there was room");
    const LEN: usize = 8 << 20;
    Runtime::new().unwrap().block_on(async {
        let (mut stream, mut peer) = pair();
        let task = spawn(async move {
            let bytes: Vec<_> = (0..LEN).map(|at| (at % 251) as u8).collect();
            stream.write_all(&bytes).await.unwrap();
            stream.close().await.unwrap();
        });
        let mut received = Vec::new();
        async_tcp::unblock(move || {
            peer.read_to_end(&mut received).unwrap();
            assert_eq!(received.len(), LEN);
            assert!(received.iter().enumerate().all(|(at, byte)| *byte == (at % 251) as u8));
        })
        .await;
        task.await.unwrap();
    });
}
