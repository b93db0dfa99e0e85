//! The exercises of stage 02, one `[[test]]` target and one folder each. The library itself is
//! empty.
