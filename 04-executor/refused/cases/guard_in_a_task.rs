use std::future::ready;
use std::sync::{Arc, Mutex};

fn spawn<F: Future + Send + 'static>(_: F) {}

fn main() {
    let value = Arc::new(Mutex::new(0));
    spawn(async move {
        let mut guard = value.lock().unwrap();
        ready(()).await;
        *guard += 1;
    });
}
