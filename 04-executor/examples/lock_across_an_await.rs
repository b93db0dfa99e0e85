//! A lock that is held across an await, with one thread for both tasks.
//!
//! `cargo run -p executor --example lock_across_an_await`
#![allow(clippy::await_holding_lock, reason = "the mistake that is shown")]

use std::rc::Rc;
use std::sync::Mutex;

use executor::{block_on, spawn_local, yield_now};

// ANCHOR: std
async fn with_std() {
    let value = Rc::new(Mutex::new(0));
    let other = value.clone();
    let first = spawn_local(async move {
        let mut guard = other.lock().expect("value lock");
        yield_now().await;
        *guard += 1;
    });
    let second = spawn_local(async move {
        match value.try_lock() {
            Ok(guard) => println!("std: the value is {guard}"),
            Err(_) => println!("std: `lock` would block the thread that has to run the owner"),
        }
    });
    first.await.expect("the task does not panic");
    second.await.expect("the task does not panic");
}
// ANCHOR_END: std

// ANCHOR: ours
async fn with_ours() {
    let value = Rc::new(executor::mutex::Mutex::new(0));
    let other = value.clone();
    let first = spawn_local(async move {
        let mut guard = other.lock().await;
        yield_now().await;
        *guard += 1;
    });
    let second = spawn_local(async move {
        println!("ours: the value is {:?}", value.lock().await);
    });
    first.await.expect("the task does not panic");
    second.await.expect("the task does not panic");
}
// ANCHOR_END: ours

fn main() {
    block_on(with_std());
    block_on(with_ours());
}
