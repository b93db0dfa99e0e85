//! `cargo run -p executor`: ten tasks on one thread, narrated poll by poll.

use std::time::Duration;

use executor::{Executor, sleep, spawn_named, yield_now};
use support::narration::Narrated;
use tracing::info;
use waker::event::Event;

const STORY: Narrated = Narrated {
    command: "cargo run -p executor",
    about: "Runs ten tasks on one thread, and tells each poll, each wake and each sleep.",
    words: &[],
};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    STORY.begin()?;
    Executor::new().block_on(async {
        // Seven that wait, each for an event of its own.
        let events: Vec<_> = (0..7).map(|_| Event::new()).collect();
        let mut tasks: Vec<_> = events
            .iter()
            .enumerate()
            .map(|(n, event)| spawn_named(&format!("runner {}", n + 1), event.wait()))
            .collect();
        // One that sleeps, and then starts the others.
        tasks.push(spawn_named("starter", async move {
            sleep(Duration::from_millis(100)).await;
            info!("fires the pistol");
            events.iter().for_each(|event| event.set());
        }));
        // One that yields once, and so is polled twice.
        tasks.push(spawn_named("polite", yield_now()));
        // And one that will be aborted.
        let late = spawn_named("late", sleep(Duration::from_secs(3600)));
        for task in tasks {
            task.await?;
        }
        late.abort();
        info!("late: {}", late.await.expect_err("it was to sleep for an hour"));
        Ok(())
    })
}
// ANCHOR_END: main
