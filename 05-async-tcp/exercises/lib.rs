//! The exercises of stage 05, one `[[test]]` target and one folder each. The library itself is
//! empty.
