//! What rustc must refuse is in `cases/`; `tests/refused.rs` has it tried. The library itself is
//! empty.
