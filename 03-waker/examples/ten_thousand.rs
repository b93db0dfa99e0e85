//! Many futures in one task that get ready one after another: how often they are polled, all with the
//! task's waker, and each with one of its own.
//!
//! `cargo run -p waker --example ten_thousand`

use std::cell::Cell;
use std::sync::Arc;

use testkit::drive;
use waker::event::Event;
use waker::join::join_all;
use waker::stream::next;
use waker::unordered::Unordered;

// ANCHOR: count
/// How many polls it takes until `n` futures are ready, of which each waits for an event of its own.
fn polls(n: usize, run: impl AsyncFn(Vec<Child<'_>>)) -> u64 {
    let polls = Cell::new(0);
    let events: Vec<_> = (0..n).map(|_| Event::new()).collect();
    let children = events.iter().map(|event| Child { event, polls: &polls }).collect();
    let mut events = events.iter();
    drive(run(children), || {
        events.next().is_some_and(|event| {
            event.set();
            true
        })
    });
    polls.get()
}

async fn joined(children: Vec<Child<'_>>) {
    join_all(children.into_iter().map(Child::run)).await;
}

async fn unordered(children: Vec<Child<'_>>) {
    let mut children: Unordered<_> = children.into_iter().map(Child::run).collect();
    while next(&mut children).await.is_some() {}
}
// ANCHOR_END: count

struct Child<'a> {
    event: &'a Arc<Event>,
    polls: &'a Cell<u64>,
}

impl Child<'_> {
    async fn run(self) {
        let mut wait = std::pin::pin!(self.event.wait());
        std::future::poll_fn(|cx| {
            self.polls.set(self.polls.get() + 1);
            wait.as_mut().poll(cx)
        })
        .await;
    }
}

fn main() {
    println!("{:>8} {:>12} {:>10}", "futures", "join_all", "Unordered");
    for n in [10, 100, 1_000, 10_000] {
        println!("{n:>8} {:>12} {:>10}", polls(n, joined), polls(n, unordered));
    }
}
