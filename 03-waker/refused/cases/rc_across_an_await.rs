use std::rc::Rc;

fn is_send<F: Future + Send>(_: F) {}

async fn rc_across_the_await() {
    let rc = Rc::new(1);
    std::future::ready(()).await;
    println!("{rc}");
}

fn main() {
    is_send(rc_across_the_await());
}
