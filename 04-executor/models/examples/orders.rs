//! Two threads, two atomics, every order: what may a thread see?
//!
//! `cargo run -p executor-models --example orders -- [message|two_looks]`

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use loom::sync::atomic::AtomicUsize;
use loom::sync::atomic::Ordering::{self, Acquire, Relaxed, Release, SeqCst};
use loom::sync::atomic::fence;
use loom::thread;

// ANCHOR: message
/// One thread writes a message, and then a flag. The other reads the flag, and then the message.
fn message(writes: Ordering, looks: Ordering) -> (usize, usize) {
    let (message, flag) = (shared(), shared());
    let writer = {
        let (message, flag) = (message.clone(), flag.clone());
        thread::spawn(move || {
            message.store(1, Relaxed);
            flag.store(1, writes);
        })
    };
    let seen = (flag.load(looks), message.load(Relaxed));
    writer.join().expect("it does not panic");
    seen
}
// ANCHOR_END: message

// ANCHOR: two_looks
/// Each of two threads writes what the other then looks at.
fn two_looks(with_fences: bool) -> (usize, usize) {
    let (asleep, work) = (shared(), shared());
    let between = move || {
        if with_fences {
            fence(SeqCst);
        }
    };
    let pusher = {
        let (asleep, work) = (asleep.clone(), work.clone());
        thread::spawn(move || {
            work.store(1, Release);
            between();
            asleep.load(Acquire)
        })
    };
    asleep.store(1, Release);
    between();
    let work = work.load(Acquire);
    (pusher.join().expect("it does not panic"), work)
}
// ANCHOR_END: two_looks

fn shared() -> Arc<AtomicUsize> {
    Arc::new(AtomicUsize::new(0))
}

/// All that `model` returns, in some order of its threads' steps.
fn outcomes(model: impl Fn() -> (usize, usize) + Send + Sync + 'static) -> String {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let all = seen.clone();
    loom::model(move || {
        let outcome = model();
        seen.lock().expect("nothing panics under it").insert(outcome);
    });
    let all = all.lock().expect("nothing panics under it");
    all.iter().map(|outcome| format!("  {outcome:?}")).collect()
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("message") => {
            println!("(flag, message)");
            println!("Relaxed         {}", outcomes(|| message(Relaxed, Relaxed)));
            println!("Release, Acquire{}", outcomes(|| message(Release, Acquire)));
        }
        Some("two_looks") => {
            println!("(asleep, work)");
            println!("Release, Acquire{}", outcomes(|| two_looks(false)));
            println!("with fences     {}", outcomes(|| two_looks(true)));
        }
        _ => println!("say which: message or two_looks"),
    }
}
