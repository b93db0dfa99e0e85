//! What rustc refuses, with its words, as the chapter shows them.

#[path = "../../../03-waker/refused/tests/recorded/mod.rs"]
mod recorded;

#[test]
fn rustc_refuses_each_with_the_words_of_the_book() {
    if recorded::is_recorded("rustc's error messages") {
        trybuild::TestCases::new().compile_fail("cases/*.rs");
    }
}
