//! A call that blocks, in a task and outside a task.
//!
//! The call waits for a word that another task of the same thread sends. `direct` makes the call in a
//! task, `unblock` on a thread where it may block.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::bail;
use async_tcp::{Runtime, spawn, unblock, yield_now};

// ANCHOR: call
/// Blocks its thread until the word comes.
fn call(word: Receiver<&str>) -> String {
    match word.recv_timeout(Duration::from_secs(2)) {
        Ok(word) => format!("it returns: {word}"),
        Err(_) => "it gives up: nothing has come for two seconds".to_owned(),
    }
}
// ANCHOR_END: call

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let how = std::env::args().nth(1);
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let (sender, word) = channel();
        let ticker = spawn(async move {
            for n in 1..=3 {
                println!("tick {n}");
                yield_now().await;
            }
            // This fails if the receiver has given up.
            let _ = sender.send("three ticks");
        });
        println!("the call begins");
        let said = match how.as_deref() {
            Some("direct") => call(word),
            Some("unblock") => unblock(move || call(word)).await,
            _ => bail!("say direct or unblock"),
        };
        println!("{said}");
        ticker.await?;
        Ok(())
    })
}
// ANCHOR_END: main
