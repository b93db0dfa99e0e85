//! Another right answer: the mark is taken away before the call, so an event during the call puts it back.

use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker};

use testkit::WatchedMutex as Mutex;

pub struct Direction {
    state: Mutex<State>,
}

struct State {
    ready: bool,
    waker: Option<Waker>,
}

impl Direction {
    pub fn new() -> Self {
        Self { state: Mutex::new(State { ready: true, waker: None }) }
    }

    pub fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let mut waker = Some(cx.waker().clone());
        while self.takes_the_mark(&mut waker) {
            let result = call();
            if !matches!(&result, Err(error) if error.kind() == ErrorKind::WouldBlock) {
                self.state.lock().unwrap().ready = true;
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    }

    /// If there is none, leaves the waker in exchange for the old one.
    fn takes_the_mark(&self, waker: &mut Option<Waker>) -> bool {
        let mut state = self.state.lock().unwrap();
        let ready = std::mem::take(&mut state.ready);
        if !ready {
            std::mem::swap(&mut state.waker, waker);
        }
        ready
    }

    pub fn report(&self) {
        let mut state = self.state.lock().unwrap();
        state.ready = true;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}
