//! Files, and other calls that block.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::fs;
use std::io::ErrorKind;
use std::sync::mpsc;
use std::thread;

use async_tcp::fs::File;
use async_tcp::{Runtime, spawn, unblock, yield_now};
use futures::io::AsyncReadExt;
use testkit::{CountingWaker, assert_pending, patient_watchdog, poll_once};

#[test]
fn what_was_written_is_read() {
    let _guard = patient_watchdog("a call did not come back");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    Runtime::new().unwrap().block_on(async {
        async_tcp::fs::write(&path, "grüße").await.unwrap();
        assert_eq!(async_tcp::fs::read(&path).await.unwrap(), "grüße".as_bytes());
        assert_eq!(async_tcp::fs::read_to_string(&path).await.unwrap(), "grüße");
        async_tcp::fs::write(&path, [0xff]).await.unwrap();
        let error = async_tcp::fs::read_to_string(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    });
}

#[test]
fn a_missing_file_is_an_error_and_ends_nothing() {
    let _guard = patient_watchdog("a call did not come back");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing");
    Runtime::new().unwrap().block_on(async {
        assert_eq!(async_tcp::fs::read(&path).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(File::open(&path).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(unblock(|| 1).await, 1);
    });
}

#[test]
fn a_file_is_read_in_pieces_to_its_end() {
    let _guard = patient_watchdog("a call did not come back");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let bytes: Vec<_> = (0..200_000).map(|at| (at % 251) as u8).collect();
    fs::write(&path, &bytes).unwrap();
    Runtime::new().unwrap().block_on(async {
        let mut file = File::open(&path).await.unwrap();
        assert_eq!(file.metadata().len(), 200_000);
        let (mut read, mut piece) = (Vec::new(), [0; 1000]);
        loop {
            match file.read(&mut piece).await.unwrap() {
                0 => break,
                n => read.extend_from_slice(&piece[..n]),
            }
        }
        assert!(read == bytes);
        assert_eq!(file.read(&mut piece).await.unwrap(), 0, "the end stays");
    });
}

#[test]
fn a_read_of_a_file_that_is_dropped_loses_no_bytes() {
    let _guard = patient_watchdog("a call did not come back");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "all of it").unwrap();
    let runtime = Runtime::builder().blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let mut file = File::open(&path).await.unwrap();
        // The only thread is busy until it is released: the read has to wait.
        let (release, released) = mpsc::channel::<()>();
        let busy = spawn(unblock(move || released.recv()));
        yield_now().await;
        let (counter, waker) = CountingWaker::new();
        assert_pending!(poll_once(&mut file.read(&mut [0; 4]), &waker));
        release.send(()).unwrap();
        busy.await.unwrap().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "all of it");
        assert_eq!(counter.live(), 1);
    });
}

#[test]
fn a_panic_inside_a_call_comes_out_in_its_caller() {
    let _guard = patient_watchdog("a call did not come back");
    let runtime = Runtime::builder().blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let task = spawn(unblock(|| panic!("on purpose: the call")));
        let error = task.await.unwrap_err();
        assert!(error.is_panic());
        assert!(error.to_string().contains("on purpose: the call"), "{error}");
        assert_eq!(unblock(|| 1).await, 1, "the only thread has survived");
    });
}

#[test]
fn tasks_run_while_a_call_blocks() {
    let _guard = patient_watchdog("a call that blocks has stopped the tasks as well");
    Runtime::new().unwrap().block_on(async {
        let (send, receive) = mpsc::channel();
        let call = spawn(unblock(move || receive.recv().unwrap()));
        // Only a task can release it.
        spawn(async move { send.send(7).unwrap() });
        assert_eq!(call.await.unwrap(), 7);
    });
}

#[test]
fn a_call_runs_on_a_thread_of_its_own_and_is_made_although_nobody_awaits_it() {
    let _guard = patient_watchdog("a call whose future was dropped was not made");
    Runtime::new().unwrap().block_on(async {
        let here = thread::current().id();
        assert_ne!(unblock(|| thread::current().id()).await, here);
        let (send, receive) = mpsc::channel();
        let mut call = Box::pin(unblock(move || send.send(7).unwrap()));
        let _ = poll_once(&mut call, std::task::Waker::noop());
        drop(call);
        assert_eq!(receive.recv().unwrap(), 7);
    });
}

#[test]
fn a_call_that_was_never_polled_is_not_made() {
    let _guard = patient_watchdog("a call did not come back");
    let runtime = Runtime::new().unwrap();
    let (send, receive) = mpsc::channel::<()>();
    drop(unblock(move || send.send(())));
    drop(runtime);
    assert!(receive.recv().is_err());
}
