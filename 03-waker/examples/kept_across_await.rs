//! What a future keeps is what is used after an await: that decides its size.
//!
//! `cargo run -p waker --example kept_across_await`

use std::mem::size_of_val;

use waker::yield_now::yield_now;

// ANCHOR: buffers
/// The buffer is used after the await: the future has room for it.
pub async fn used_after_the_await() -> u8 {
    let buffer = [1; 1024];
    yield_now().await;
    buffer[0]
}

/// The buffer is gone before the await.
pub async fn used_before_it() -> u8 {
    let first = {
        let buffer = [1; 1024];
        buffer[0]
    };
    yield_now().await;
    first
}

/// The buffer is still in scope at the await, and never used or borrowed again: the compiler sees that.
pub async fn still_in_scope() -> u8 {
    let buffer = [1; 1024];
    let first = buffer[0];
    yield_now().await;
    first
}

/// Borrowed once, and not used after the await. The reference might still be around.
pub async fn borrowed_before_it() -> u8 {
    let buffer = [1; 1024];
    let first = buffer.iter().copied().max().unwrap_or_default();
    yield_now().await;
    first
}
// ANCHOR_END: buffers

// ANCHOR: nested
/// Two futures that never exist at the same time share one place.
pub async fn one_after_the_other() -> u8 {
    used_after_the_await().await + used_after_the_await().await
}

/// Two that exist at the same time do not.
pub async fn both_at_once() -> (u8, u8) {
    waker::join::join(used_after_the_await(), used_after_the_await()).await
}

/// A box has room for a pointer, whatever the future needs.
pub async fn boxed() -> u8 {
    Box::pin(used_after_the_await()).await
}
// ANCHOR_END: nested

fn main() {
    let say = |what: &str, bytes: usize| println!("{what:<22} {bytes:>5} bytes");
    say("used after the await", size_of_val(&used_after_the_await()));
    say("used before it", size_of_val(&used_before_it()));
    say("still in scope", size_of_val(&still_in_scope()));
    say("borrowed before it", size_of_val(&borrowed_before_it()));
    say("one after the other", size_of_val(&one_after_the_other()));
    say("both at once", size_of_val(&both_at_once()));
    say("boxed", size_of_val(&boxed()));
}
