use std::pin::Pin;

fn main() {
    let mut future = async { 1 };
    let _ = Pin::new(&mut future);
}
