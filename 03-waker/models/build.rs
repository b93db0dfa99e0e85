//! See `weaken.rs`.

include!("weaken.rs");

fn main() -> anyhow::Result<()> {
    weaken(&["slot", "event", "block_on", "stream", "unordered"])
}
