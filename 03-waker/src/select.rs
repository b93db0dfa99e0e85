//! Several futures in one task, until the first has finished. What happens to the other is the
//! difference between the two functions here: [`select`] gives it back, [`race`] drops it.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// One of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Either<A, B> {
    /// It was the first argument.
    Left(A),
    /// It was the second argument.
    Right(B),
}

// ANCHOR: select
/// Runs both until one is ready, and returns its output and the other future, which can be awaited
/// later: nothing is lost.
///
/// # Cancel safety
/// When it is dropped, it drops both.
pub fn select<A: Future + Unpin, B: Future + Unpin>(a: A, b: B) -> Select<A, B> {
    Select { both: Some((a, b)), a_first: a_first() }
}

/// Made by [`select`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct Select<A, B> {
    /// None once it was ready.
    both: Option<(A, B)>,
    a_first: bool,
}

impl<A: Future + Unpin, B: Future + Unpin> Future for Select<A, B> {
    type Output = Either<(A::Output, B), (B::Output, A)>;

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut a, mut b) = self.both.take().expect("a select was polled after it was ready");
        match poll_both(Pin::new(&mut a), Pin::new(&mut b), self.a_first, cx) {
            Some(Either::Left(output)) => Poll::Ready(Either::Left((output, b))),
            Some(Either::Right(output)) => Poll::Ready(Either::Right((output, a))),
            None => {
                self.both = Some((a, b));
                Poll::Pending
            }
        }
    }
}
// ANCHOR_END: select

// ANCHOR: race
/// Runs both until one is ready, and returns its output. The other is dropped with the race, at
/// whichever await it was: what it had read is lost, what it had locked is unlocked.
///
/// # Cancel safety
/// When it is dropped, it drops both.
pub fn race<A: Future, B: Future<Output = A::Output>>(a: A, b: B) -> Race<A, B> {
    Race { a, b, a_first: a_first() }
}

pin_project! {
    /// Made by [`race`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Race<A, B> {
        #[pin]
        a: A,
        #[pin]
        b: B,
        a_first: bool,
    }
}

impl<A: Future, B: Future<Output = A::Output>> Future for Race<A, B> {
    type Output = A::Output;

    /// # Panics
    /// Polled after it was ready, it polls the one that has finished once more, which may panic.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Output> {
        let this = self.project();
        match poll_both(this.a, this.b, *this.a_first, cx) {
            Some(Either::Left(output) | Either::Right(output)) => Poll::Ready(output),
            None => Poll::Pending,
        }
    }
}
// ANCHOR_END: race

// ANCHOR: poll_both
/// Polls one, and the other if the first is not ready.
fn poll_both<A: Future, B: Future>(
    a: Pin<&mut A>,
    b: Pin<&mut B>,
    a_first: bool,
    cx: &mut Context<'_>,
) -> Option<Either<A::Output, B::Output>> {
    let left =
        |poll| if let Poll::Ready(output) = poll { Some(Either::Left(output)) } else { None };
    let right =
        |poll| if let Poll::Ready(output) = poll { Some(Either::Right(output)) } else { None };
    if a_first {
        left(a.poll(cx)).or_else(|| right(b.poll(cx)))
    } else {
        right(b.poll(cx)).or_else(|| left(a.poll(cx)))
    }
}

/// Whether the first argument is polled first. A coin decides: if it always were, a first that is always
/// ready would starve the second.
fn a_first() -> bool {
    // Each RandomState has keys of its own, so its hash of nothing is a different number.
    RandomState::new().build_hasher().finish() & 1 == 0
}
// ANCHOR_END: poll_both
