//! See `03-waker/models/weaken.rs`.

include!("../../03-waker/models/weaken.rs");

fn main() -> anyhow::Result<()> {
    weaken(&[
        "state",
        "join_error",
        "contain",
        "task",
        "join_handle",
        "queue",
        "sleepers",
        "park",
        "clock",
        "timers",
        "owned",
        "current",
        "shared",
        "budget",
        "worker",
        "local",
        "context",
        "global",
        "spawn",
        "executor",
    ])
}
