//! The road to the trait, 4: the same two mailboxes with `std::future::Future`. A waker carries data,
//! so a wake says which task it is about.
//!
//! `cargo run -p waker --example real_future`

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

// ANCHOR: leaf
/// Where a line will arrive, and the waker of the task that waits for it.
#[derive(Default)]
struct Mailbox {
    line: Option<&'static str>,
    waker: Option<Waker>,
}

/// Waits for a line.
struct Line(Rc<RefCell<Mailbox>>);

impl Future for Line {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        if let Some(line) = self.0.borrow_mut().line.take() {
            return Poll::Ready(line);
        }
        // Clone and drop of a waker run code that is not ours: not while the mailbox is borrowed.
        let waker = cx.waker().clone();
        let old = self.0.borrow_mut().waker.replace(waker);
        drop(old);
        Poll::Pending
    }
}
// ANCHOR_END: leaf

/// Puts a line in, and wakes the task that waits for it.
fn deliver(mailbox: &RefCell<Mailbox>, line: &'static str) {
    let waker = {
        let mut mailbox = mailbox.borrow_mut();
        mailbox.line = Some(line);
        mailbox.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}

// ANCHOR: task
/// A task of this program: a future, and whether it was woken.
struct Task {
    name: &'static str,
    future: Line,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.swap(true, Ordering::Release);
    }
}
// ANCHOR_END: task

// ANCHOR: run
impl Task {
    /// Polls the task if it was woken. Returns whether it is still running.
    fn run(&mut self) -> bool {
        if !self.woken.0.swap(false, Ordering::Acquire) {
            return true;
        }
        print!("{} is polled: ", self.name);
        let waker = Waker::from(self.woken.clone());
        match Pin::new(&mut self.future).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(line) => println!("Ready, {line}"),
            Poll::Pending => {
                println!("Pending, its mailbox holds its waker");
                return true;
            }
        }
        false
    }
}
// ANCHOR_END: run

// ANCHOR: main
fn main() {
    let mailboxes: [Rc<RefCell<Mailbox>>; 2] = Default::default();
    let mut tasks: Vec<_> = ["first", "second"]
        .into_iter()
        .zip(&mailboxes)
        .map(|(name, mailbox)| Task {
            name,
            future: Line(mailbox.clone()),
            // The first poll needs no wake.
            woken: Arc::new(Woken(AtomicBool::new(true))),
        })
        .collect();
    tasks.retain_mut(Task::run);
    for (mailbox, line) in [(&mailboxes[1], "hello"), (&mailboxes[0], "goodbye")] {
        deliver(mailbox, line);
        tasks.retain_mut(Task::run);
    }
    assert!(tasks.is_empty());
}
// ANCHOR_END: main
