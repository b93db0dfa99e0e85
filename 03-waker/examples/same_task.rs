//! The rest of `Waker`: one that does nothing, whether two wake the same task, and how not to clone.
//!
//! `cargo run -p waker --example same_task`

use std::task::Waker;

use testkit::CountingWaker;

// ANCHOR: same
fn main() {
    let (task, waker) = CountingWaker::new();
    let (_, other) = CountingWaker::new();
    println!("a clone wakes the same task: {}", waker.will_wake(&waker.clone()));
    println!("another task's waker does:   {}", waker.will_wake(&other));

    let before = task.clones();
    let mut kept = waker.clone();
    kept.clone_from(&waker);
    println!("clones after `clone` and `clone_from` of the same: {}", task.clones() - before);
    kept.clone_from(&other);
    println!("after `clone_from` of another, {} of the first is left", task.live());

    kept.wake_by_ref();
    Waker::noop().wake_by_ref();
    println!("wakes of the first task: {}", task.wakes());
}
// ANCHOR_END: same
