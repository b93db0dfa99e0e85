//! What `abort` does, and what it does not do.
//!
//! `cargo run -p executor --example abort`

use std::future::pending;

use executor::{block_on, spawn, yield_now};

/// Prints a line when it is dropped.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        println!("the future is dropped");
    }
}

fn main() {
    block_on(async {
        // ANCHOR: abort
        let waits = spawn(async {
            let _guard = Guard;
            pending::<()>().await;
        });
        yield_now().await;
        waits.abort();
        println!("abort has returned");
        println!("the handle: {:?}", waits.await);

        let finished = spawn(async { 42 });
        while !finished.is_finished() {
            yield_now().await;
        }
        finished.abort();
        println!("aborted too late: {:?}", finished.await);
        // ANCHOR_END: abort
    });
}
