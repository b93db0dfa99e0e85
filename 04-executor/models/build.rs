//! See `03-waker/models/weaken.rs`.

include!("../../03-waker/models/weaken.rs");

fn main() -> anyhow::Result<()> {
    weaken(&["state", "join_error", "task", "queue", "sleepers"])
}
