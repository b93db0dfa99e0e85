//! An interval whose ticks are taken too late, on a clock that jumps.
//!
//! `cargo run -p executor --example missed_ticks`

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use executor::clock::Clock;
use executor::{Executor, Park, Unpark, interval};

// ANCHOR: clock
/// A clock that stands still. Sleeping moves it forward.
#[derive(Clone)]
struct Jumping(Arc<Mutex<Instant>>);

impl Clock for Jumping {
    fn now(&self) -> Instant {
        *self.0.lock().expect("clock lock")
    }
}

impl Park for Jumping {
    fn park(&mut self, limit: Option<Duration>) -> io::Result<()> {
        *self.0.lock().expect("clock lock") += limit.expect("there is a timer");
        Ok(())
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        Arc::new(Nothing)
    }
}
// ANCHOR_END: clock

/// Does nothing: there is no other thread to unpark us.
struct Nothing;

impl Unpark for Nothing {
    fn unpark(&self) {}
}

fn main() {
    let start = Instant::now();
    let clock = Jumping(Arc::new(Mutex::new(start)));
    let executor = Executor::builder().park(clock.clone()).clock(clock.clone()).build();
    executor.block_on(async {
        // ANCHOR: ticks
        let mut ticks = interval(Duration::from_secs(1));
        for work in [0.0, 2.5, 0.0, 0.0] {
            let due = ticks.tick().await - start;
            let taken = clock.now() - start;
            println!("due at {} ms, taken at {} ms", due.as_millis(), taken.as_millis());
            // The work between this tick and the next.
            *clock.0.lock().expect("clock lock") += Duration::from_secs_f64(work);
        }
        // ANCHOR_END: ticks
    });
}
