//! What std offers for writing futures: `poll_fn`, `ready!`, `IntoFuture`, async closures; and
//! what makes a future `Send`.
//!
//! `cargo run -p waker --example tools`

use std::future::{Ready, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, ready};

use waker::block_on;
use waker::yield_now::yield_now;

// ANCHOR: poll_fn
/// `poll_fn` makes a future of a closure; `ready!` returns early when a poll is `Pending`, as `?` does
/// when a result is an error.
async fn twice(future: impl Future<Output = u32>) -> u32 {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let output = ready!(future.as_mut().poll(cx));
        Poll::Ready(2 * output)
    })
    .await
}
// ANCHOR_END: poll_fn

// ANCHOR: into_future
/// What `.await` accepts is `IntoFuture`: a future, or a builder that becomes one.
struct Order {
    cups: u32,
}

impl IntoFuture for Order {
    type Output = u32;
    type IntoFuture = Ready<u32>;

    fn into_future(self) -> Ready<u32> {
        std::future::ready(self.cups)
    }
}
// ANCHOR_END: into_future

// ANCHOR: async_closure
/// An async closure may lend its futures what it has captured: a closure that returns a future cannot.
async fn three_times(mut visit: impl AsyncFnMut(u32)) {
    for n in 1..=3 {
        visit(n).await;
    }
}
// ANCHOR_END: async_closure

// ANCHOR: send
/// A future is `Send` if all that it keeps across its awaits is.
fn is_send<F: Future + Send>(_: F) {}

async fn rc_before_the_await() {
    {
        let rc = Rc::new(1);
        println!("an Rc of {rc}, gone before the await");
    }
    yield_now().await;
}
// ANCHOR_END: send

fn main() {
    println!("twice 21 is {}", block_on(twice(std::future::ready(21))));
    println!("ordered: {}", block_on(async { Order { cups: 2 }.await }));
    let mut seen = Vec::new();
    block_on(three_times(async |n| {
        yield_now().await;
        seen.push(n);
    }));
    println!("seen: {seen:?}");
    is_send(rc_before_the_await());
    block_on(rc_before_the_await());
}
