//! A list that is polled from the beginning each time.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{Stream, StreamExt};

/// Serves until a signal comes, and then until the connections have ended, or it is too late.
pub async fn serve<C, D>(
    listener: impl Stream<Item = C> + Unpin,
    mut signals: impl Stream<Item = ()> + Unpin,
    deadline: impl FnOnce() -> D,
) -> usize
where
    C: Future<Output = ()>,
    D: Future<Output = ()>,
{
    let mut connections: Vec<Pin<Box<C>>> = Vec::new();
    let mut run = |cx: &mut Context<'_>, new: Option<C>| {
        connections.extend(new.map(Box::pin));
        connections.retain_mut(|connection| {
            let polled = catch_unwind(AssertUnwindSafe(|| connection.as_mut().poll(cx)));
            matches!(polled, Ok(Poll::Pending))
        });
        connections.len()
    };
    let mut listener = Some(listener);
    let (mut deadline, mut time) = (Some(deadline), None);
    poll_fn(|cx| {
        loop {
            let has_signal = signals.poll_next_unpin(cx).is_ready();
            if has_signal && listener.take().is_none() {
                return Poll::Ready(run(cx, None));
            }
            if let Some(open) = &mut listener
                && let Poll::Ready(new) = open.poll_next_unpin(cx)
            {
                run(cx, new);
                continue;
            }
            let open = run(cx, None);
            if listener.is_some() {
                return Poll::Pending;
            }
            if let Some(deadline) = deadline.take() {
                time = Some(Box::pin(deadline()));
            }
            let is_late = time.as_mut().is_some_and(|time| time.as_mut().poll(cx).is_ready());
            if is_late || open == 0 {
                return Poll::Ready(open);
            }
            if !has_signal {
                return Poll::Pending;
            }
        }
    })
    .await
}
