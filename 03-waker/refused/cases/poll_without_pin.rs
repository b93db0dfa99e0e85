use std::task::{Context, Waker};

fn main() {
    let future = async { 1 };
    let _ = future.poll(&mut Context::from_waker(Waker::noop()));
}
