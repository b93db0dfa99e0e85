//! `cargo workshop`: the book served, the exercises judged, and the checks on both.

mod workspace;

mod exercise;

mod cargo;

mod run;

mod judge;

mod variant;

mod verify;

