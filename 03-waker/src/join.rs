//! Several futures in one task, all of them run to the end.
//!
//! They share the task's waker: a wake says that one of them can continue, not which. So every poll
//! of the whole polls all that are not ready. For two or three that costs little; for thousands there is
//! [`Unordered`](crate::unordered::Unordered).

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

// ANCHOR: maybe_done
pin_project! {
    /// A future, then its output, then nothing: what a finished future must become so that it is not
    /// polled again.
    #[project = MaybeDoneProjection]
    enum MaybeDone<F: Future> {
        Running { #[pin] future: F },
        Done { output: Option<F::Output> },
    }
}

impl<F: Future> MaybeDone<F> {
    /// Polls the future if it is not ready. Returns whether it is now.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        let MaybeDoneProjection::Running { future } = self.as_mut().project() else { return true };
        let Poll::Ready(output) = future.poll(cx) else { return false };
        // `set` drops the future in its place and writes the output there.
        self.set(Self::Done { output: Some(output) });
        true
    }

    /// # Panics
    /// If it is not done, or the output was taken.
    fn take(self: Pin<&mut Self>) -> F::Output {
        match self.project() {
            MaybeDoneProjection::Done { output } => output.take(),
            MaybeDoneProjection::Running { .. } => None,
        }
        .expect("a join was polled after it was ready")
    }
}
// ANCHOR_END: maybe_done

// ANCHOR: join
/// Runs both, and is ready with both outputs when both are.
///
/// # Cancel safety
/// When it is dropped, it drops both, and the output of one that had finished.
pub fn join<A: Future, B: Future>(a: A, b: B) -> Join<A, B> {
    Join { a: MaybeDone::Running { future: a }, b: MaybeDone::Running { future: b } }
}

pin_project! {
    /// Made by [`join`].
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Join<A: Future, B: Future> {
        #[pin]
        a: MaybeDone<A>,
        #[pin]
        b: MaybeDone<B>,
    }
}

impl<A: Future, B: Future> Future for Join<A, B> {
    type Output = (A::Output, B::Output);

    /// # Panics
    /// If it is polled after it was ready.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Both, whatever came of the first: each must leave its waker somewhere.
        let a = this.a.as_mut().poll(cx);
        let b = this.b.as_mut().poll(cx);
        if a && b { Poll::Ready((this.a.take(), this.b.take())) } else { Poll::Pending }
    }
}
// ANCHOR_END: join

// ANCHOR: join_all
/// Runs all, and is ready with their outputs, in the order of the futures, when all are.
///
/// # Cancel safety
/// As for [`join`].
pub fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> JoinAll<F> {
    let running = |future| Box::pin(MaybeDone::Running { future });
    JoinAll { futures: futures.into_iter().map(running).collect() }
}

/// Made by [`join_all`].
#[must_use = "futures do nothing unless they are polled"]
pub struct JoinAll<F: Future> {
    futures: Vec<Pin<Box<MaybeDone<F>>>>,
}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    /// # Panics
    /// If it is polled after it was ready, unless it joined nothing.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut all = true;
        for future in &mut self.futures {
            all &= future.as_mut().poll(cx);
        }
        if !all {
            return Poll::Pending;
        }
        Poll::Ready(self.futures.iter_mut().map(|future| future.as_mut().take()).collect())
    }
}
// ANCHOR_END: join_all
