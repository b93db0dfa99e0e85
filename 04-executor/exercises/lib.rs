//! The exercises of stage 04, one `[[test]]` target and one folder each. The library itself is
//! empty.
