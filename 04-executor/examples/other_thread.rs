//! A task is polled by one thread, and then by another.
//!
//! `cargo run -p executor --example other_thread`

use std::thread;

use executor::{Executor, yield_now};
use waker::event::Event;

// ANCHOR: other_thread
fn main() {
    let executor = Executor::new();
    let event = Event::new();
    let wait = event.wait();
    let task = executor.spawn(async move {
        println!("the first poll is on the thread {}", this_thread());
        wait.await;
        println!("the second poll is on the thread {}", this_thread());
    });
    // Polls the task once, and returns while the task waits.
    executor.block_on(yield_now());
    event.set();
    let other = || executor.block_on(task).expect("the task does not panic");
    thread::scope(|scope| {
        thread::Builder::new().name("B".to_owned()).spawn_scoped(scope, other).expect("a thread");
    });
}
// ANCHOR_END: other_thread

fn this_thread() -> String {
    thread::current().name().unwrap_or("without a name").to_owned()
}
