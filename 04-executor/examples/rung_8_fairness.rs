//! Rung 8: a task whose leaf is always ready never gives its thread back. A budget makes it do so.
//!
//! `cargo run -p executor --example rung_8_fairness`

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, ready};

use executor::{block_on, budget, spawn_local};

// ANCHOR: leaves
/// A socket on which there is always something to read.
async fn read() {
    poll_fn(|_| Poll::Ready(())).await;
}

/// The same, but each read takes one from the task's budget.
async fn read_with_budget() {
    poll_fn(|cx| {
        ready!(budget::has_left(cx));
        budget::spend();
        Poll::Ready(())
    })
    .await;
}
// ANCHOR_END: leaves

// ANCHOR: compare
/// How many reads a greedy task has done when its neighbour gets its first turn.
fn before_the_neighbour(read: impl AsyncFn() + 'static) -> u32 {
    block_on(async {
        let reads = Rc::new(Cell::new(0));
        let counted = reads.clone();
        let greedy = spawn_local(async move {
            for _ in 0..100_000 {
                read().await;
                counted.set(counted.get() + 1);
            }
        });
        let seen = spawn_local(async move { reads.get() }).await.expect("it does not panic");
        greedy.await.expect("it does not panic");
        seen
    })
}
// ANCHOR_END: compare

fn main() {
    println!("without a budget: {} reads before the other task's turn", before_the_neighbour(read));
    println!("with a budget:    {}", before_the_neighbour(read_with_budget));
}
