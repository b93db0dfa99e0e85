use std::marker::PhantomPinned;
use std::pin::pin;

struct Unmovable(PhantomPinned);

fn main() {
    let pinned = pin!(Unmovable(PhantomPinned));
    std::mem::swap(&mut *pinned, &mut Unmovable(PhantomPinned));
}
