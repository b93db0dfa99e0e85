//! The waiting of stage 02 once more: a future that waits for an outside event. At each step, who
//! holds the waker.
//!
//! `cargo run -p waker --example who_holds_the_waker`

use testkit::{CountingWaker, poll_once};
use waker::event::Event;

// ANCHOR: life
fn main() {
    // The task's side: an executor that has made one waker for it, which counts its clones.
    let (task, waker) = CountingWaker::new();
    let say =
        |moment: &str| println!("{moment:<37} wakers: {}, wakes: {}", task.live(), task.wakes());

    let event = Event::new();
    let mut future = event.wait();
    say("submitted, not polled yet");

    assert!(poll_once(&mut future, &waker).is_pending());
    say("suspended: the event's slot has one");

    event.set();
    say("woken: the slot is empty");

    assert!(poll_once(&mut future, &waker).is_ready());
    say("polled again: Ready");
}
// ANCHOR_END: life
