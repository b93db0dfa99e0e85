//! Judges `exercise.rs`. The tests are in the order in which they are run; the first one that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use exercise::Inbox;
use testkit::{Watchdog, come_between, locks_held, moments, watchdog};

const PAGE: &str = "Book: Files still block, \"Waking the poller\".";

/// An event loop, as an inbox sees it: it sleeps until it is woken, and then takes all.
struct Loop {
    inbox: Inbox<u32>,
    /// A wake has come since it last came round. Two make no difference.
    is_woken: AtomicBool,
    /// How many wakes there were.
    wakes: AtomicUsize,
    taken: Mutex<Vec<u32>>,
    /// What happens inside the next wake.
    in_wake: Mutex<Option<Hook>>,
}

type Hook = Box<dyn FnOnce(&Loop) + Send>;

impl Loop {
    fn new() -> Arc<Self> {
        Arc::new_cyclic(|this: &Weak<Self>| {
            let this = this.clone();
            let wake = move || this.upgrade().expect("the test holds the loop").wake();
            Self {
                inbox: Inbox::new(wake),
                is_woken: AtomicBool::new(false),
                wakes: AtomicUsize::new(0),
                taken: Mutex::default(),
                in_wake: Mutex::default(),
            }
        })
    }

    /// What the inbox calls.
    fn wake(&self) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        self.is_woken.store(true, Ordering::SeqCst);
        let hook = self.in_wake.lock().expect("no hook panics under this lock").take();
        if let Some(hook) = hook {
            hook(self);
        }
    }

    fn in_next_wake(&self, hook: impl FnOnce(&Self) + Send + 'static) {
        *self.in_wake.lock().expect("no hook panics under this lock") = Some(Box::new(hook));
    }

    /// Comes round once, for whatever reason.
    fn turn(&self) {
        self.is_woken.store(false, Ordering::SeqCst);
        let items = self.inbox.take();
        self.taken.lock().expect("no thread panics while it holds this lock").extend(items);
    }

    /// Comes round as often as it is woken, and returns all that it has taken since the last call.
    fn run(&self) -> Vec<u32> {
        while self.is_woken.load(Ordering::SeqCst) {
            self.turn();
        }
        mem::take(&mut *self.taken.lock().expect("no thread panics while it holds this lock"))
    }

    fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }
}

/// What to change when a test cannot see the lock.
const MUTEX: &str = "The tests see no lock. Keep everything that both sides share under the `Mutex` that \
                     the starter imports.";

/// The last resort, for an answer that waits for something else than the imported `Mutex`.
fn guard() -> Watchdog {
    watchdog(format!(
        "`send` or `take` does not return: it waits for another thread. {MUTEX} {PAGE}"
    ))
}

#[test]
fn an_item_arrives() {
    let event_loop = Loop::new();
    event_loop.inbox.send(1);
    assert_eq!(
        (event_loop.wakes(), event_loop.run()),
        (1, vec![1]),
        "M74: an item was sent to a loop that sleeps; `left` is how often it was woken, and what it \
         took. The first item must wake it once, or it does not take the item. {PAGE}"
    );
}

#[test]
fn the_lock_is_free_during_the_wake() {
    let event_loop = Loop::new();
    come_between(usize::MAX, || (), || event_loop.inbox.send(0));
    assert!(moments() > 0, "{MUTEX} {PAGE}");
    let _ = event_loop.run();
    event_loop.in_next_wake(|_| {
        assert_eq!(
            locks_held(),
            0,
            "M8: `send` called `wake` while it held the lock (`left`: how many). The loop wakes, needs \
             the lock for its `take`, and has to wait again; if a waker ran the loop itself, that wait \
             would never end. A guard lives until the end of its block: end the block before you wake. \
             {PAGE}"
        );
    });
    event_loop.inbox.send(1);
}

#[test]
fn the_item_is_there_when_the_loop_wakes() {
    let _guard = guard();
    let event_loop = Loop::new();
    event_loop.in_next_wake(|event_loop| {
        let found = event_loop.inbox.take();
        assert_eq!(
            found,
            [1],
            "M15: the loop was woken, and came round before `wake` had returned; `left` is what it \
             found in the inbox. It sleeps again now, and no wake comes for what is put into the \
             inbox later. Publish first, then wake. {PAGE}"
        );
    });
    event_loop.inbox.send(1);
}

#[test]
fn one_wake_may_stand_for_many_items() {
    for count in [3, 10_000] {
        let event_loop = Loop::new();
        (0..count).for_each(|item| event_loop.inbox.send(item));
        assert_eq!(
            event_loop.inbox.take().len(),
            count as usize,
            "M63: {count} items were sent before the loop came round, and wakes may become one; \
             `left` is how many of them a `take` took. If `send` has kept all of them, the rest \
             waits without a wake, because an item that finds others in the inbox brings none. Wakes \
             are not counted: take all that is there. {PAGE}"
        );
    }
}

#[test]
fn the_oldest_is_the_first() {
    let event_loop = Loop::new();
    (1..=5).for_each(|item| event_loop.inbox.send(item));
    assert_eq!(
        event_loop.inbox.take(),
        [1, 2, 3, 4, 5],
        "M22: 1 to 5 were sent in this order; `left` is the order in which the loop gets them. Treat the \
         inbox as a queue, not as a stack. {PAGE}"
    );
}

#[test]
fn an_empty_inbox_is_not_waited_for() {
    let _guard = guard();
    let event_loop = Loop::new();
    let waits = || {
        panic!(
            "M63: the loop came round for another reason, the inbox was empty, and `take` has locked it 50 \
             times: it waits for an item, and all connections wait with it. A wake is not the only \
             reason to come round: take what is there, even if that is nothing. {PAGE}"
        )
    };
    come_between(100, waits, || event_loop.turn());
    event_loop.inbox.send(1);
    assert_eq!(
        event_loop.run(),
        [1],
        "M74: the loop came round, and the inbox was empty; then 1 was sent, and `left` is what the \
         loop has taken. An item that finds the inbox empty needs a wake. {PAGE}"
    );
    event_loop.turn();
}

#[test]
fn after_a_take_the_next_item_wakes() {
    let event_loop = Loop::new();
    for item in 1..=3 {
        event_loop.inbox.send(item);
        assert_eq!(
            event_loop.run(),
            [item],
            "M74: item {item} was sent when the loop had taken all before it and slept; `left` is what \
             it took now. An item that finds the inbox empty needs a wake, each time. If you \
             remember that a wake was made, forget it as soon as the items are taken. {PAGE}"
        );
    }
}

#[test]
fn items_that_wait_together_need_one_wake() {
    let event_loop = Loop::new();
    for items in [3, 1, 100] {
        let before = event_loop.wakes();
        (0..items).for_each(|item| event_loop.inbox.send(item));
        assert_eq!(
            event_loop.wakes() - before,
            1,
            "M74: {items} item(s) were sent while the loop slept; `left` is how often it was woken for \
             them. Each wake is a system call, and those after the first are of no use: wake only for an \
             item that finds the inbox empty. {PAGE}"
        );
        event_loop.run();
    }
}

#[test]
fn the_loop_may_run_inside_of_the_wake() {
    let _guard = guard();
    let event_loop = Loop::new();
    event_loop.in_next_wake(Loop::turn);
    event_loop.inbox.send(1);
    assert_eq!(event_loop.run(), [1], "M15: 1 was sent; `left` is what the loop took. {PAGE}");
    event_loop.inbox.send(2);
    assert_eq!(
        event_loop.run(),
        [2],
        "M74: the loop woke at once and took all, before `wake` had returned; later 2 was sent, and `left` \
         is what the loop took. If `send` changes something after `wake`, it does so as if the loop had \
         not run yet. {PAGE}"
    );
}

#[test]
fn an_item_may_follow_inside_of_the_wake() {
    let _guard = guard();
    let event_loop = Loop::new();
    event_loop.in_next_wake(|event_loop| {
        event_loop.turn();
        event_loop.inbox.send(2);
    });
    event_loop.inbox.send(1);
    assert_eq!(
        event_loop.run(),
        [1, 2],
        "M74: while 1 was sent, the loop woke at once and took it, and then another thread sent 2: all \
         of that before `wake` had returned. `left` is what the loop has taken in the end. 2 was alone \
         in the inbox, so it needs a wake of its own. {PAGE}"
    );
}

/// What `other` does, and what is done meanwhile, at every moment of it, beginning with `waiting`
/// items in the inbox. Whatever comes between, every item arrives.
fn race(
    waiting: u32,
    (what, other): (&str, fn(&Loop)),
    (during, body): (&str, fn(&Loop)),
    mut expected: Vec<u32>,
) {
    let _guard = guard();
    expected.extend(100..100 + waiting);
    expected.sort_unstable();
    let mut moment = 0;
    loop {
        let event_loop = Loop::new();
        (100..100 + waiting).for_each(|item| event_loop.inbox.send(item));
        let theirs = event_loop.clone();
        let came = come_between(moment, move || other(&theirs), || body(&event_loop));
        if !came {
            break;
        }
        let mut taken = event_loop.run();
        taken.sort_unstable();
        let left_behind = event_loop.inbox.take();
        assert!(
            taken == expected,
            "M74: {waiting} item(s) were in the inbox, and {what} {during}, {}. When the loop had come \
             round as often as it was woken, it had taken {taken:?}; it sleeps \
             now, and {left_behind:?} is left in the inbox. Find out whether an item needs a wake, and \
             publish the item, in one step, under one lock. {PAGE}",
            if moment % 2 == 0 {
                "just before a lock was taken"
            } else {
                "just after a lock was released"
            }
        );
        event_loop.inbox.send(9);
        assert_eq!(
            event_loop.run(),
            [9],
            "M74: {waiting} item(s) were in the inbox, and {what} {during}. All arrived. Then 9 was \
             sent, and `left` is what the loop took. Something still says that the loop was woken. \
             {PAGE}"
        );
        moment += 1;
    }
    assert!(moment > 0, "The tests cannot come between {during}. {MUTEX} {PAGE}");
}

#[test]
fn the_loop_comes_between_while_an_item_is_sent() {
    for waiting in 0..3 {
        let takes = ("the loop took all that was there", Loop::turn as fn(&Loop));
        race(waiting, takes, ("while 1 was being sent", |it| it.inbox.send(1)), vec![1]);
    }
}

#[test]
fn another_thread_comes_between_while_an_item_is_sent() {
    for waiting in 0..3 {
        let sends = ("another thread sent 2", (|it| it.inbox.send(2)) as fn(&Loop));
        race(waiting, sends, ("while 1 was being sent", |it| it.inbox.send(1)), vec![1, 2]);
    }
}

#[test]
fn an_item_comes_while_the_loop_takes() {
    for waiting in 0..3 {
        let sends = ("a thread sent 2", (|it| it.inbox.send(2)) as fn(&Loop));
        race(waiting, sends, ("while the loop took what was there", Loop::turn), vec![2]);
    }
}

/// How often `take` locks when `waiting` items are in the inbox, and another thread sends one at a
/// moment of it.
fn locks_of_a_take(waiting: u32, moment: usize) -> usize {
    let event_loop = Loop::new();
    (0..waiting).for_each(|item| event_loop.inbox.send(item));
    let theirs = event_loop.clone();
    come_between(moment, move || theirs.inbox.send(9), || drop(event_loop.inbox.take()));
    moments() / 2
}

#[test]
fn a_take_comes_to_its_end() {
    const NEVER: usize = usize::MAX;
    let few = locks_of_a_take(2, NEVER);
    assert_eq!(
        locks_of_a_take(50, NEVER),
        few,
        "M70: `left` is how often `take` locked for 50 items, `right` for 2. Between two locks \
         another thread may send one more item, and as long as others send faster than you take, the \
         loop serves no connection. Take all under one lock. {PAGE}"
    );
    for moment in 0..2 * few {
        assert_eq!(
            locks_of_a_take(2, moment),
            few,
            "M70: another thread sent an item while the loop took, and `take` locked once more for it \
             (`left`: how often, `right`: how often without it). As long as others send meanwhile, \
             `take` does not return, and the loop serves no connection. An item that comes later has \
             its own wake: take all under one lock, once. {PAGE}"
        );
    }
}
