//! Calling an `async fn` runs nothing of it.
//!
//! `cargo run -p waker --example nothing_until_polled`

use waker::block_on;

// ANCHOR: order
async fn order(what: &str) -> usize {
    println!("  {what} is ordered");
    what.len()
}

fn main() {
    println!("before the call");
    let tea = order("tea");
    let toast = order("toast");
    println!("after both calls");
    block_on(async {
        toast.await;
        tea.await;
    });
    println!("a block is a future as well:");
    let block = async { println!("  inside") };
    drop(block);
    println!("  dropped, and nothing was inside");
}
// ANCHOR_END: order
