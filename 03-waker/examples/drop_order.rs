//! What is dropped, and when: a future that ends, and one that is dropped at each of its awaits.
//!
//! `cargo run -p waker --example drop_order`

use std::pin::pin;
use std::task::Waker;

use testkit::poll_once;
use waker::yield_now::yield_now;

// ANCHOR: task
struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        print!(" {}", self.0);
    }
}

async fn task(_argument: Noisy) {
    let _first = Noisy("first");
    yield_now().await;
    let _second = Noisy("second");
    {
        let _inner = Noisy("inner");
        yield_now().await;
    }
    yield_now().await;
}
// ANCHOR_END: task

fn main() {
    for polls in 0..=4 {
        print!("after {polls} polls:");
        {
            let mut task = pin!(task(Noisy("argument")));
            for _ in 0..polls {
                let _ = poll_once(&mut task, Waker::noop());
            }
            print!(" |");
        }
        println!();
    }
}
