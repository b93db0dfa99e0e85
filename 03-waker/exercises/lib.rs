//! The exercises of stage 03, one `[[test]]` target and one folder each. The library itself is
//! empty.
