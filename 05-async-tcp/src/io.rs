//! A socket and its place in the reactor. The call first, then the wait.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use executor::budget;
use mio::event;
use tracing::trace;

use crate::direction::{Direction, Place};
use crate::reactor::Source;
use crate::runtime::Shared;

/// What a call is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Read,
    Write,
}

// ANCHOR: io
/// A registered socket. When it is dropped, it is deregistered and closed, and its slot becomes free.
#[derive(Debug)]
pub(crate) struct Io<S: event::Source> {
    socket: S,
    /// After the socket: the slot is free once that is closed.
    registration: Registration,
}

#[derive(Debug)]
struct Registration {
    source: Arc<Source>,
    shared: Arc<Shared>,
}
// ANCHOR_END: io

impl<S: event::Source> Io<S> {
    /// Registers a socket, which must be in non-blocking mode.
    ///
    /// # Errors
    /// Those of the poller.
    pub(crate) fn new(mut socket: S, shared: Arc<Shared>) -> io::Result<Self> {
        let source = shared.reactor.register(&mut socket)?;
        Ok(Self { socket, registration: Registration { source, shared } })
    }

    /// The runtime whose reactor it is in.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.registration.shared
    }

    fn direction(&self, side: Side) -> &Direction {
        match side {
            Side::Read => &self.registration.source.read,
            Side::Write => &self.registration.source.write,
        }
    }

    // ANCHOR: poll_transfer
    /// Calls until the result is not `WouldBlock`, and waits in between. For one task at a time, and for
    /// calls that transfer up to `room` bytes. If a call transfers less, the socket has no more: epoll(7)
    /// allows this conclusion, in its questions and answers, and so does kqueue.
    pub(crate) fn poll_transfer(
        &self,
        side: Side,
        room: usize,
        cx: &mut Context<'_>,
        call: impl FnMut(&S) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let (n, tick) = ready!(self.poll_call(side, Place::Own, cx, call))?;
        match side {
            Side::Read => trace!(source = self.registration.source.key, bytes = n, "read"),
            Side::Write => trace!(source = self.registration.source.key, bytes = n, "wrote"),
        }
        let by_epoll_or_kqueue = cfg!(any(target_os = "linux", target_vendor = "apple"));
        if by_epoll_or_kqueue && 0 < n && n < room {
            self.direction(side).clear_unless_closed(tick);
        }
        Poll::Ready(Ok(n))
    }
    // ANCHOR_END: poll_transfer

    /// As `poll_transfer`, for any call, and any number of tasks at once.
    pub(crate) async fn call<R>(
        &self,
        side: Side,
        mut call: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        let mut waiting = Waiting { direction: self.direction(side), key: None };
        poll_fn(|cx| {
            let place = Place::Listed(&mut waiting.key);
            let (result, _) = ready!(self.poll_call(side, place, cx, &mut call))?;
            Poll::Ready(Ok(result))
        })
        .await
    }

    // ANCHOR: poll_call
    /// Also returns the tick of the readiness on which the call rested.
    fn poll_call<R>(
        &self,
        side: Side,
        mut place: Place<'_>,
        cx: &mut Context<'_>,
        mut call: impl FnMut(&S) -> io::Result<R>,
    ) -> Poll<io::Result<(R, u64)>> {
        ready!(budget::has_left(cx));
        let direction = self.direction(side);
        loop {
            let tick = ready!(direction.poll_ready(place.reborrow(), cx))?;
            match call(&self.socket) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    trace!(source = self.registration.source.key, ?side, "would block");
                    direction.clear(tick);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => {
                    budget::spend();
                    return Poll::Ready(result.map(|result| (result, tick)));
                }
            }
        }
    }
    // ANCHOR_END: poll_call
}

impl<S: event::Source> Deref for Io<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.socket
    }
}

/// A place in the list of waiters.
struct Waiting<'a> {
    direction: &'a Direction,
    key: Option<usize>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.direction.forget(key);
        }
    }
}

// ANCHOR: drop
impl<S: event::Source> Drop for Io<S> {
    fn drop(&mut self) {
        self.registration.shared.reactor.deregister(&mut self.socket);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.shared.reactor.free(self.source.key);
    }
}
// ANCHOR_END: drop
