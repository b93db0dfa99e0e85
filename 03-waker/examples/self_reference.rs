//! A future that borrows from itself, and what moving it would do. The pointers are compared, and
//! never followed.
//!
//! `cargo run -p waker --example self_reference`

use std::cell::Cell;
use std::pin::pin;
use std::ptr::NonNull;
use std::task::Waker;

use testkit::poll_once;
use waker::yield_now::yield_now;

// ANCHOR: by_hand
/// A value, and a pointer that is meant to point to it. A reference could not be stored here:
/// `refused/cases/self_borrow.rs`.
struct SelfReferential {
    value: u64,
    pointer: NonNull<u64>,
}

impl SelfReferential {
    fn new(value: u64) -> Self {
        Self { value, pointer: NonNull::dangling() }
    }

    fn point_into_itself(&mut self) {
        self.pointer = NonNull::from(&self.value);
    }

    fn points_into_itself(&self) -> bool {
        self.pointer == NonNull::from(&self.value)
    }
}

fn by_hand() {
    let mut here = SelfReferential::new(7);
    here.point_into_itself();
    println!("made:    points into itself: {}", here.points_into_itself());

    // A move is a copy of the bytes, the pointer among them.
    let there = Box::new(here);
    println!("moved:   points into itself: {}, value {}", there.points_into_itself(), there.value);
}
// ANCHOR_END: by_hand

// ANCHOR: boxed
fn boxed() {
    let mut one = Box::new(SelfReferential::new(1));
    one.point_into_itself();
    // Moves the box: a pointer. The value stays where it is.
    let mut moved = one;
    println!("boxed:   points into itself: {}", moved.points_into_itself());

    // But a box lends a `&mut`, and with two of those the values change places.
    let mut other = SelfReferential::new(2);
    std::mem::swap(&mut *moved, &mut other);
    println!("swapped: points into itself: {}", other.points_into_itself());
}
// ANCHOR_END: boxed

// ANCHOR: by_compiler
/// The compiler's futures are such values: `value` is part of the future, and so is `borrow`.
async fn borrows_across_an_await(seen: &Cell<[*const u64; 2]>) -> u64 {
    let value = 7;
    let borrow = &value;
    seen.set([&raw const value, borrow]);
    yield_now().await;
    *borrow
}

fn by_compiler() {
    let seen = Cell::new([std::ptr::null(); 2]);
    let mut future = pin!(borrows_across_an_await(&seen));
    let inside = {
        let from = (&raw const *future).addr();
        from..from + size_of_val(&*future)
    };
    assert!(poll_once(&mut future, Waker::noop()).is_pending());
    let [value, borrow] = seen.get();
    println!("pinned:  the value is inside the future: {}", inside.contains(&value.addr()));
    println!("         the borrow points to it: {}", std::ptr::eq(value, borrow));
    assert!(poll_once(&mut future, Waker::noop()).is_ready());
}
// ANCHOR_END: by_compiler

fn main() {
    by_hand();
    boxed();
    by_compiler();
}
