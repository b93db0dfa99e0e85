//! How much later than asked a sleep of one millisecond ends.
//!
//! `cargo run --release -p executor --example how_late`

use std::time::{Duration, Instant};

use executor::{block_on, sleep};

fn main() {
    let asked = Duration::from_millis(1);
    let mut late = block_on(async {
        let mut late = Vec::new();
        for _ in 0..1001 {
            let start = Instant::now();
            sleep(asked).await;
            // A sleep that ends before its time would panic here.
            late.push(start.elapsed() - asked);
        }
        late
    });
    late.sort();
    println!("1001 sleeps of 1 ms: none ends before its time");
    println!("the median is {} µs late", late[500].as_micros());
    println!("nine of ten are at most {} µs late", late[900].as_micros());
}
