//! A future inside a future, and what pinning asks of the outer one.
#![allow(unsafe_code, reason = "a structural projection by hand")]

use std::pin::Pin;
use std::task::{Context, Poll};

use tracing::trace;

// ANCHOR: traced
/// Reports each poll of a future and its outcome, as `tracing` events with the future's name.
#[derive(Debug)]
pub struct Traced<F> {
    /// Pinned when the whole is: polled through `Pin<&mut F>` only, and never moved after that.
    future: F,
    /// Not pinned: as movable as any field.
    polls: u32,
    name: &'static str,
}

impl<F> Traced<F> {
    /// Wraps a future.
    pub fn new(name: &'static str, future: F) -> Self {
        Self { future, polls: 0, name }
    }
    // ANCHOR_END: traced

    /// How often it was polled.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    // ANCHOR: project
    /// From the pinned whole to its pinned part and its free parts.
    fn project(self: Pin<&mut Self>) -> (Pin<&mut F>, &mut u32, &'static str) {
        // SAFETY: nothing moves `future` out of this reference: it is handed out pinned again, and
        // nothing else here takes it by value or by `&mut`. The type has no Drop that could move it
        // either, no repr(packed), and is Unpin only if F is, because the compiler derives that. The
        // future is dropped with the whole, in its place (std::pin, "Choosing pinning to be
        // structural").
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: a part of what is pinned stays where it is as long as the whole does.
        let future = unsafe { Pin::new_unchecked(&mut this.future) };
        (future, &mut this.polls, this.name)
    }
    // ANCHOR_END: project
}

// ANCHOR: poll
impl<F: Future> Future for Traced<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let (future, polls, name) = self.project();
        *polls += 1;
        trace!(future = name, poll = *polls, "is polled");
        let poll = future.poll(cx);
        match poll {
            Poll::Ready(_) => trace!(future = name, "is Ready"),
            Poll::Pending => trace!(future = name, "is Pending"),
        }
        poll
    }
}
// ANCHOR_END: poll

#[cfg(test)]
mod tests {
    use std::marker::PhantomPinned;

    use super::*;

    /// Ready at the second poll, and asserts that it is where it was at the first.
    #[derive(Default)]
    struct Immovable {
        first: Option<*const Self>,
        _pinned: PhantomPinned,
    }

    impl Future for Immovable {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            let here: *const Self = &*self;
            // SAFETY: only a field is written; nothing is moved.
            let this = unsafe { self.get_unchecked_mut() };
            match this.first.replace(here) {
                None => Poll::Pending,
                Some(first) => {
                    assert_eq!(first, here, "a pinned future was moved");
                    Poll::Ready(())
                }
            }
        }
    }

    #[test]
    fn the_inner_future_stays_where_it_is() {
        let mut traced = Box::pin(Traced::new("inner", Immovable::default()));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(traced.as_mut().poll(&mut cx).is_pending());
        // Moving the Box moves the pointer, not what it points to.
        let mut moved = traced;
        assert!(moved.as_mut().poll(&mut cx).is_ready());
        assert_eq!(moved.polls(), 2);
    }
}
