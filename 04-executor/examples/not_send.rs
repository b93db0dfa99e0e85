//! What makes the future of an `async` block Send, or not.
//!
//! `cargo run -p executor --example not_send`

use std::rc::Rc;
use std::sync::Arc;

use executor::{block_on, spawn, spawn_local, yield_now};

fn main() {
    block_on(async {
        // ANCHOR: three_ways
        // The Rc is gone before the await.
        let first = spawn(async {
            let length = Rc::new("one".to_owned()).len();
            yield_now().await;
            length
        });
        // Arc instead of Rc: its count is atomic.
        let second = spawn(async {
            let text = Arc::new("three".to_owned());
            yield_now().await;
            text.len()
        });
        // The task stays on this thread.
        let third = spawn_local(async {
            let text = Rc::new("seven".to_owned());
            yield_now().await;
            text.len()
        });
        // ANCHOR_END: three_ways
        for task in [first, second, third] {
            println!("{:?}", task.await);
        }
    });
}
