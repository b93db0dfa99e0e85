//! Rung 6: timers. One heap for all, and the thread sleeps until the first deadline. On a virtual clock
//! it does not sleep: the clock jumps.
//!
//! `cargo run -p executor --example rung_6_timers`

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use waker::join::join_all;

// ANCHOR: timers
/// The time, and the deadlines that are waited for, the earliest first.
#[derive(Default)]
struct Timers {
    now: Cell<Duration>,
    waiting: RefCell<BinaryHeap<Reverse<(Duration, usize)>>>,
    wakers: RefCell<Vec<Waker>>,
}

impl Timers {
    /// Jumps to the first deadline, and wakes those that waited for it. False if there is none.
    fn jump(&self) -> bool {
        let Some(Reverse((deadline, _))) = self.waiting.borrow().peek().copied() else {
            return false;
        };
        self.now.set(deadline);
        loop {
            let due = self.waiting.borrow().peek().copied().filter(|d| d.0.0 <= deadline);
            let Some(Reverse((_, waker))) = due else { return true };
            self.waiting.borrow_mut().pop();
            self.wakers.borrow()[waker].wake_by_ref();
        }
    }
}

struct Sleep {
    deadline: Duration,
    timers: Rc<Timers>,
    waits: bool,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.timers.now.get() >= self.deadline {
            return Poll::Ready(());
        }
        // Once: a task is polled for other reasons as well.
        if !std::mem::replace(&mut self.waits, true) {
            let mut wakers = self.timers.wakers.borrow_mut();
            self.timers.waiting.borrow_mut().push(Reverse((self.deadline, wakers.len())));
            wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}
// ANCHOR_END: timers

fn sleep(timers: &Rc<Timers>, seconds: u64) -> Sleep {
    let deadline = timers.now.get() + Duration::from_secs(seconds);
    Sleep { deadline, timers: timers.clone(), waits: false }
}

fn main() {
    let timers = Rc::new(Timers::default());
    let tasks = [7200, 3600, 3600].map(|seconds| {
        let timers = timers.clone();
        async move {
            sleep(&timers, seconds).await;
            println!("after {} h", timers.now.get().as_secs() / 3600);
        }
    });
    // The waking of `drive` is the waking of the tasks; when all of them wait, the clock jumps.
    testkit::drive(join_all(tasks), || timers.jump());
    println!("two hours on the clock, and no time at all");
}
