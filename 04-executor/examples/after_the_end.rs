//! Wakes that come after a task has ended, and after its executor has.
//!
//! `cargo run -p executor --example after_the_end`

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use executor::{Executor, yield_now};

struct Noisy;

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("the future is dropped");
    }
}

// ANCHOR: after_the_end
fn main() {
    let executor = Executor::new();
    let kept = Arc::new(Mutex::new(Waker::noop().clone()));
    let keeps = kept.clone();
    let task = executor.spawn(async move {
        let _noisy = Noisy;
        poll_fn(|cx| {
            keeps.lock().expect("waker lock").clone_from(cx.waker());
            Poll::<()>::Pending
        })
        .await;
    });
    executor.block_on(yield_now());
    println!("the executor shuts down");
    executor.shutdown();
    println!("the executor is gone");
    kept.lock().expect("waker lock").wake_by_ref();
    println!("its waker was called, and did nothing");
    println!("{:?}", futures::executor::block_on(task));
}
// ANCHOR_END: after_the_end
