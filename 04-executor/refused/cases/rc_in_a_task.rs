use std::future::ready;
use std::rc::Rc;

fn spawn<F: Future + Send + 'static>(_: F) {}

fn main() {
    spawn(async {
        let name = Rc::new("one".to_owned());
        ready(()).await;
        println!("{name}");
    });
}
