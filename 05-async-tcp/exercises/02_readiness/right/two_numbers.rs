//! Another right answer: events are counted, and so are those that are refuted. Nothing is locked but the waker.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

use testkit::WatchedMutex as Mutex;

pub struct Direction {
    reported: AtomicUsize,
    refuted: AtomicUsize,
    waker: Mutex<Option<Waker>>,
}

impl Direction {
    pub fn new() -> Self {
        Self { reported: AtomicUsize::new(1), refuted: AtomicUsize::new(0), waker: Mutex::new(None) }
    }

    pub fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let new = cx.waker().clone();
        let old = self.waker.lock().unwrap().replace(new);
        drop(old);
        loop {
            let reported = self.reported.load(SeqCst);
            if reported == self.refuted.load(SeqCst) {
                return Poll::Pending;
            }
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.refuted.store(reported, SeqCst);
                }
                result => return Poll::Ready(result),
            }
        }
    }

    pub fn report(&self) {
        self.reported.fetch_add(1, SeqCst);
        let waker = self.waker.lock().unwrap().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
