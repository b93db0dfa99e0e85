//! What the chapter says of the sizes of futures, of what runs when, and of the order of drops.

use std::cell::RefCell;
use std::mem::size_of_val;
use std::pin::pin;
use std::rc::Rc;
use std::task::Waker;

use testkit::poll_once;
use waker::block_on;
use waker::yield_now::yield_now;

#[path = "../refused/tests/recorded/mod.rs"]
mod recorded;

#[path = "../examples/desugared.rs"]
#[allow(dead_code, reason = "its main prints")]
mod desugared;

#[path = "../examples/kept_across_await.rs"]
#[allow(dead_code, reason = "its main prints")]
mod kept;

#[test]
fn add_by_hand_and_by_the_compiler_return_the_same() {
    assert_eq!(block_on(desugared::add(40, 2)), 42);
    assert_eq!(block_on(desugared::Add::Start { a: 40, b: 2 }), 42);
}

#[test]
fn sizes_are_those_of_the_chapter() {
    if !recorded::is_recorded("the sizes of futures") {
        return;
    }
    assert_eq!(size_of_val(&desugared::add(40, 2)), 28);
    assert_eq!(size_of::<desugared::Add>(), 12);
    assert_eq!(size_of_val(&kept::used_after_the_await()), 1026);
    assert_eq!(size_of_val(&kept::used_before_it()), 3);
    assert_eq!(size_of_val(&kept::still_in_scope()), 3);
    assert_eq!(size_of_val(&kept::borrowed_before_it()), 1027);
    assert_eq!(size_of_val(&kept::one_after_the_other()), 1028);
    assert_eq!(size_of_val(&kept::both_at_once()), 2055);
    assert_eq!(size_of_val(&kept::boxed()), 16);
}

#[test]
fn an_async_fn_runs_nothing_before_its_first_poll() {
    let ran = Rc::new(RefCell::new(false));
    let seen = ran.clone();
    let future = async move { *seen.borrow_mut() = true };
    assert!(!*ran.borrow());
    block_on(future);
    assert!(*ran.borrow());
}

/// Notes its name when it is dropped.
struct Noted(&'static str, Rc<RefCell<Vec<&'static str>>>);

impl Drop for Noted {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

/// A task like that of `examples/drop_order.rs`, dropped after so many polls. Returns what was dropped in a
/// poll, and what with the future.
fn dropped_after(polls: usize) -> [Vec<&'static str>; 2] {
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let noted = |name| Noted(name, dropped.clone());
    let in_polls = {
        let task = async |argument: Noted| {
            let _argument = argument;
            let _first = noted("first");
            yield_now().await;
            let _second = noted("second");
            {
                let _inner = noted("inner");
                yield_now().await;
            }
            yield_now().await;
        };
        let mut task = pin!(task(noted("argument")));
        for _ in 0..polls {
            let _ = poll_once(&mut task, Waker::noop());
        }
        dropped.take()
    };
    [in_polls, dropped.take()]
}

#[test]
fn a_future_drops_what_is_alive_where_it_stands_the_latest_first() {
    assert_eq!(dropped_after(0), [vec![], vec!["argument"]]);
    assert_eq!(dropped_after(1), [vec![], vec!["first", "argument"]]);
    assert_eq!(dropped_after(2), [vec![], vec!["inner", "second", "first", "argument"]]);
    assert_eq!(dropped_after(3), [vec!["inner"], vec!["second", "first", "argument"]]);
    assert_eq!(dropped_after(4), [vec!["inner", "second", "first", "argument"], vec![]]);
}
