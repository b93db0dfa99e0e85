//! A gate that opens between two lines of `poll`: once where the wake is lost, once where it is not.
//!
//! `cargo run -p waker --example lost_wake -- look_first` or `-- register_first`

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::thread;

use support::narration::Narrated;
use testkit::{CountingWaker, poll_once};
use tracing::info;
use waker::WakerSlot;
use waker::traced::Traced;

const STORY: Narrated = Narrated {
    command: "cargo run -p waker --example lost_wake",
    about: "A gate opens between two lines of `poll`.",
    words: &["look_first", "register_first"],
};

// ANCHOR: gate
#[derive(Default)]
struct Gate {
    open: AtomicBool,
    slot: WakerSlot,
}

impl Gate {
    fn open(&self) {
        self.open.store(true, Ordering::Release);
        match self.slot.take() {
            Some(waker) => {
                info!("opens the gate, and wakes the task");
                waker.wake();
            }
            None => info!("opens the gate, and finds no waker"),
        }
    }

    fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }
}
// ANCHOR_END: gate

// ANCHOR: look_first
/// Wrong.
struct LookFirst(Arc<Gate>);

impl Future for LookFirst {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0.is_open() {
            return Poll::Ready(());
        }
        info!("has looked: the gate is closed");
        another_thread_opens(&self.0);
        self.0.slot.register(cx.waker());
        info!("leaves its waker");
        Poll::Pending
    }
}
// ANCHOR_END: look_first

// ANCHOR: register_first
/// Right.
struct RegisterFirst(Arc<Gate>);

impl Future for RegisterFirst {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.slot.register(cx.waker());
        info!("leaves its waker");
        another_thread_opens(&self.0);
        if self.0.is_open() {
            info!("has looked: the gate is open");
            self.0.slot.take();
            return Poll::Ready(());
        }
        Poll::Pending
    }
}
// ANCHOR_END: register_first

/// The hook: another thread runs here, from its start to its end. Without the hook that is rare.
fn another_thread_opens(gate: &Arc<Gate>) {
    let gate = gate.clone();
    let opener = thread::Builder::new().name("opener".into());
    let opener = opener.spawn(move || gate.open()).expect("a thread for the opener");
    opener.join().expect("the opener does not panic");
}

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let word = STORY.begin()?;
    let gate = Arc::new(Gate::default());
    match word {
        Some("register_first") => poll_while_woken(RegisterFirst(gate)),
        _ => poll_while_woken(LookFirst(gate)),
    }
    Ok(())
}

/// Polls as an executor does: again only after a wake.
fn poll_while_woken(future: impl Future) {
    let (task, waker) = CountingWaker::new();
    let mut future = pin!(Traced::new("the task", future));
    loop {
        let wakes = task.wakes();
        if poll_once(&mut future, &waker).is_ready() {
            return;
        }
        if task.wakes() == wakes {
            // The slot holds the waker. But `open`, which would have taken it, has already run.
            println!("The gate is open, and the task is not woken: it waits for ever.");
            return;
        }
    }
}
// ANCHOR_END: main
