fn spawn<F: Future + Send + 'static>(_: F) {}

fn main() {
    let name = "one".to_owned();
    spawn(async {
        println!("{name}");
    });
}
