#![deny(unused_must_use)]

async fn save() {}

fn main() {
    let _task = async {
        save();
    };
}
