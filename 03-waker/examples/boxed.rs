//! Where a future must be boxed: recursion, whose size would be infinite, and a trait object, whose
//! size the caller cannot know.
//!
//! `cargo run -p waker --example boxed`

use std::pin::Pin;

use waker::block_on;
use waker::yield_now::yield_now;

// ANCHOR: recursion
/// The box ends the recursion of the type: a future holds a pointer to the next one, not the next one.
async fn countdown(n: u32) -> u32 {
    if n == 0 {
        return 0;
    }
    yield_now().await;
    1 + Box::pin(countdown(n - 1)).await
}
// ANCHOR_END: recursion

// ANCHOR: trait
/// Used with its types known, a trait may have an `async fn`: each type has a future of its own.
trait Greet {
    async fn greet(&self) -> String;
}

/// Used as `dyn`, the trait must return the same type for all: a box.
trait GreetBoxed {
    fn greet(&self) -> Pin<Box<dyn Future<Output = String> + '_>>;
}

impl<T: Greet> GreetBoxed for T {
    fn greet(&self) -> Pin<Box<dyn Future<Output = String> + '_>> {
        Box::pin(Greet::greet(self))
    }
}
// ANCHOR_END: trait

struct English;
struct German(&'static str);

impl Greet for English {
    async fn greet(&self) -> String {
        "hello".to_owned()
    }
}

impl Greet for German {
    async fn greet(&self) -> String {
        yield_now().await;
        format!("guten Tag, {}", self.0)
    }
}

fn main() {
    println!("{}", block_on(countdown(3)));
    let greetings: [&dyn GreetBoxed; 2] = [&English, &German("Ada")];
    for greeting in greetings {
        println!("{}", block_on(greeting.greet()));
    }
}
