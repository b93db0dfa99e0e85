//! `cargo run -p waker`: two futures in one task, reported poll by poll.

use std::time::Duration;

use support::narration::Narrated;
use waker::block_on;
use waker::join::join;
use waker::timer::sleep;
use waker::traced::Traced;

const STORY: Narrated = Narrated {
    command: "cargo run -p waker",
    about: "Makes breakfast: one task waits for two timers, and each poll and each wake is a line.",
    words: &[],
};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    STORY.begin()?;
    let tea = Traced::new("tea", sleep(Duration::from_millis(600)));
    let toast = Traced::new("toast", sleep(Duration::from_millis(300)));
    let breakfast = async {
        join(tea, toast).await;
    };
    println!("Nothing has happened yet: a future does nothing until it is polled.");
    block_on(Traced::new("breakfast", breakfast));
    Ok(())
}
// ANCHOR_END: main
