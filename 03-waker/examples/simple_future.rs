//! The road to the trait, 3: a first trait for things that stop and continue, with a plain function
//! to call when they can. What is missing in it shows with the second task.
//!
//! `cargo run -p waker --example simple_future`

use std::cell::{Cell, RefCell};
use std::rc::Rc;

// ANCHOR: trait
/// Something that may have to wait.
trait SimpleFuture {
    type Output;

    /// Continues as far as it can. If it has to wait, it arranges that `wake` is called when it can
    /// continue.
    fn poll(&mut self, wake: fn()) -> Poll<Self::Output>;
}

enum Poll<T> {
    Ready(T),
    Pending,
}
// ANCHOR_END: trait

// ANCHOR: leaf
/// Where a line will arrive, and the function to call then.
#[derive(Default)]
struct Mailbox {
    line: Option<&'static str>,
    wake: Option<fn()>,
}

/// Waits for a line.
struct Line(Rc<RefCell<Mailbox>>);

impl SimpleFuture for Line {
    type Output = &'static str;

    fn poll(&mut self, wake: fn()) -> Poll<&'static str> {
        let mut mailbox = self.0.borrow_mut();
        match mailbox.line.take() {
            Some(line) => Poll::Ready(line),
            None => {
                mailbox.wake = Some(wake);
                Poll::Pending
            }
        }
    }
}
// ANCHOR_END: leaf

// ANCHOR: deliver
/// Puts a line in, and calls the function that was left there.
fn deliver(mailbox: &RefCell<Mailbox>, line: &'static str) {
    let wake = {
        let mut mailbox = mailbox.borrow_mut();
        mailbox.line = Some(line);
        mailbox.wake.take()
    };
    if let Some(wake) = wake {
        wake();
    }
}
// ANCHOR_END: deliver

// ANCHOR: run
thread_local! {
    /// A function carries no data. All that it can say is that some task was woken.
    static WOKEN: Cell<bool> = const { Cell::new(true) };
}

fn main() {
    let mailboxes: [Rc<RefCell<Mailbox>>; 2] = Default::default();
    let mut tasks: Vec<_> = mailboxes.iter().cloned().map(Line).collect();
    let mut lines = vec![(&mailboxes[0], "goodbye"), (&mailboxes[1], "hello")];
    while !tasks.is_empty() {
        if WOKEN.take() {
            println!("a task was woken, and nothing says which: polling {}", tasks.len());
            tasks.retain_mut(|task| match task.poll(|| WOKEN.set(true)) {
                Poll::Ready(line) => {
                    println!("  {line}");
                    false
                }
                Poll::Pending => true,
            });
        } else if let Some((mailbox, line)) = lines.pop() {
            deliver(mailbox, line);
        }
    }
}
// ANCHOR_END: run
