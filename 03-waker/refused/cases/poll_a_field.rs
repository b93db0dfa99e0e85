use std::pin::Pin;
use std::task::{Context, Poll};

struct Logged<F> {
    future: F,
}

impl<F: Future> Future for Logged<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.future.poll(cx)
    }
}

fn main() {}
