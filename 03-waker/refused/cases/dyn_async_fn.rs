trait Greet {
    async fn greet(&self) -> String;
}

fn greet(_: &dyn Greet) {}

fn main() {}
