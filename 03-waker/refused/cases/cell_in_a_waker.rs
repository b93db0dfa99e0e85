use std::cell::Cell;
use std::sync::Arc;
use std::task::{Wake, Waker};

struct Counter {
    wakes: Cell<u32>,
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.wakes.set(self.wakes.get() + 1);
    }
}

fn main() {
    let _ = Waker::from(Arc::new(Counter { wakes: Cell::new(0) }));
}
