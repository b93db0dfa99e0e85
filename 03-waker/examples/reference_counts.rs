//! Every reference count of a waker made by hand, and of the same waker by `std::task::Wake`.
//!
//! `cargo run -p waker --example reference_counts`

use std::sync::Arc;
use std::task::{Wake, Waker};

use waker::vtable::waker_fn;

// ANCHOR: by_std
struct Nothing;

impl Wake for Nothing {
    fn wake(self: Arc<Self>) {}
}
// ANCHOR_END: by_std

// ANCHOR: trace
/// The life of a waker, with the count after each step.
fn trace<T>(task: &Arc<T>, waker: Waker) -> [usize; 5] {
    let made = Arc::strong_count(task);
    let clone = waker.clone();
    let cloned = Arc::strong_count(task);
    clone.wake_by_ref();
    let woken_by_ref = Arc::strong_count(task);
    clone.wake();
    let woken = Arc::strong_count(task);
    drop(waker);
    [made, cloned, woken_by_ref, woken, Arc::strong_count(task)]
}

fn main() {
    let by_hand = Arc::new(|| ());
    let by_std = Arc::new(Nothing);
    let counts = trace(&by_hand, waker_fn(by_hand.clone()));
    println!("            made  clone  wake_by_ref  wake  drop");
    println!("by hand     {counts:?}");
    println!("std's Wake  {:?}", trace(&by_std, Waker::from(by_std.clone())));
}
// ANCHOR_END: trace
