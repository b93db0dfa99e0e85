//! What `Pin` forbids, to whom, and the two ways to get one.
//!
//! `cargo run -p waker --example pinning`

use std::marker::PhantomPinned;
use std::mem;
use std::pin::{Pin, pin};

// ANCHOR: unpin
/// Nearly every type is `Unpin`: moving its values breaks nothing. A pin to such a value is as good as
/// a plain `&mut`.
fn unpin() {
    let mut number = 1;
    let mut pinned: Pin<&mut i32> = Pin::new(&mut number);
    *pinned = 2;
    let moved_out = mem::replace(pinned.get_mut(), 3);
    println!("an i32 through its pin: {moved_out}, then {number}");
}
// ANCHOR_END: unpin

// ANCHOR: not_unpin
/// Not `Unpin`, by a marker, as every `async fn`'s future is. No safe call can move it once it is pinned:
/// `refused/cases/` has the calls, and what rustc says.
struct Unmovable {
    number: i32,
    _pinned: PhantomPinned,
}

fn not_unpin() {
    // On the stack: the macro takes the value, which has no name from then on.
    let on_the_stack: Pin<&mut Unmovable> = pin!(Unmovable { number: 1, _pinned: PhantomPinned });
    // On the heap: the pointer may move, but what it points to does not.
    let on_the_heap: Pin<Box<Unmovable>> =
        Box::pin(Unmovable { number: 2, _pinned: PhantomPinned });
    let before = &raw const *on_the_heap;
    let moved = [on_the_heap];
    println!(
        "pinned: {} on the stack, {} on the heap, which stayed in its place: {}",
        on_the_stack.number,
        moved[0].number,
        std::ptr::eq(before, &raw const *moved[0])
    );
}
// ANCHOR_END: not_unpin

fn main() {
    unpin();
    not_unpin();
}
