//! The exercises of stage 01, one `[[test]]` target and one folder each. The library itself is
//! empty.
