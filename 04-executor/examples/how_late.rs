//! How much later than asked a sleep of one millisecond ends. Prints the figures that the book quotes.
//!
//! `cargo run --release -p executor --example how_late > book/results/how-late.json`

use std::env::consts::OS;
use std::time::{Duration, Instant};
use std::{fs, thread};

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
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let system = fs::read_to_string("/proc/sys/kernel/osrelease").map_or_else(
        |_| OS.to_owned(),
        |version| format!("Linux {}", version.split('-').next().unwrap_or_default().trim()),
    );
    println!("{{");
    println!("  \"command\": \"cargo run --release -p executor --example how_late\",");
    println!("  \"machine\": \"{cores} cores, {system}\",");
    println!("  \"sleeps\": {},", late.len());
    println!("  \"median_us\": {},", late[500].as_micros());
    println!("  \"nine_of_ten_us\": {}", late[900].as_micros());
    println!("}}");
}
