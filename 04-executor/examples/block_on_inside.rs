//! `block_on` inside `block_on`: ours, and another runtime's.
//!
//! `cargo run -p executor --example block_on_inside`

use executor::{block_on, spawn};

fn main() {
    std::panic::set_hook(Box::new(|_| ()));
    block_on(async {
        // ANCHOR: inside
        let ours = spawn(async { block_on(async { 1 }) });
        match ours.await {
            Ok(output) => println!("ours: {output}"),
            Err(error) => println!("ours: {error}"),
        }
        let theirs = spawn(async { futures::executor::block_on(async { 2 }) });
        println!("that of futures: {:?}", theirs.await);
        // ANCHOR_END: inside
    });
}
