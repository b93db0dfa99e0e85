//! Blocking.
fn main() {}
