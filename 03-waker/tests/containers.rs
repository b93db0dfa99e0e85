//! The sizes and niches of the container cheat sheet, in bytes.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Poll, Waker};

#[path = "../refused/tests/recorded/mod.rs"]
mod recorded;

// ANCHOR: sizes
type BoxedFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Each: a type, its size, and the size of an `Option` of it.
fn sizes() -> Vec<(&'static str, usize, usize)> {
    macro_rules! sizes {
        ($($type:ty),* $(,)?) => {
            vec![$((stringify!($type), size_of::<$type>(), size_of::<Option<$type>>())),*]
        };
    }
    sizes![
        u64,
        &u64,
        Box<u64>,
        Rc<u64>,
        Arc<u64>,
        Weak<u64>,
        Cell<u64>,
        Cell<&u64>,
        RefCell<u64>,
        UnsafeCell<u64>,
        Mutex<u64>,
        AtomicUsize,
        Vec<u64>,
        VecDeque<u64>,
        Box<[u64]>,
        Box<dyn Fn()>,
        BoxedFuture,
        Waker,
        Poll<()>,
        Poll<u64>,
    ]
}
// ANCHOR_END: sizes

#[test]
fn sizes_are_those_of_the_cheat_sheet() {
    if !recorded::is_recorded("the sizes of the cheat sheet") {
        return;
    }
    let expected = [
        ("u64", 8, 16),
        ("&u64", 8, 8),
        ("Box<u64>", 8, 8),
        ("Rc<u64>", 8, 8),
        ("Arc<u64>", 8, 8),
        ("Weak<u64>", 8, 8),
        ("Cell<u64>", 8, 16),
        ("Cell<&u64>", 8, 16),
        ("RefCell<u64>", 16, 24),
        ("UnsafeCell<u64>", 8, 16),
        ("Mutex<u64>", 16, 24),
        ("AtomicUsize", 8, 16),
        ("Vec<u64>", 24, 24),
        ("VecDeque<u64>", 32, 32),
        ("Box<[u64]>", 16, 16),
        ("Box<dyn Fn()>", 16, 16),
        ("BoxedFuture", 16, 16),
        ("Waker", 16, 16),
        ("Poll<()>", 1, 1),
        ("Poll<u64>", 16, 16),
    ];
    assert_eq!(sizes(), expected);
}

#[test]
fn what_an_arc_points_to_is_counted_twice() {
    let arc = Arc::new(7_u64);
    let weak = Arc::downgrade(&arc);
    assert_eq!((Arc::strong_count(&arc), Arc::weak_count(&arc)), (1, 1));
    // The value dies with the last strong count; its memory stays for the weak one.
    drop(arc);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_vec_grows_by_doubling_and_a_deque_wraps() {
    let mut vec = Vec::new();
    let mut capacities = vec![];
    for n in 0..9_u64 {
        vec.push(n);
        capacities.push(vec.capacity());
    }
    capacities.dedup();
    if recorded::is_recorded("the capacities of a growing Vec") {
        assert_eq!(capacities, [4, 8, 16]);
    }
    let mut deque: VecDeque<_> = VecDeque::with_capacity(4);
    deque.extend(0..deque.capacity());
    deque.pop_front();
    deque.push_back(7);
    assert_eq!(deque.as_slices().1, [7], "the ring continues at its beginning");
}
