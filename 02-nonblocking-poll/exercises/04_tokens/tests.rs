//! Judges `exercise.rs`. The tests are in the order in which they are run; the first one that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use exercise::{Registry, Token};
use testkit::processor_time;

const PAGE: &str = "Book: A token used again, \"A slot and a generation\".";

/// Inserts a value that does not need its token.
fn insert<T>(registry: &mut Registry<T>, value: T) -> Token {
    registry.insert(|_| value)
}

/// What a token names.
fn named<T: Copy>(registry: &mut Registry<T>, token: Token) -> Option<T> {
    registry.get_mut(token).copied()
}

/// Runs `work`, and explains a panic in it.
fn no_panic(explanation: &str, work: impl FnOnce() + Send + 'static) {
    // On a thread of its own: the test harness shows the first panic of a test, which would be the
    // unexplained one.
    let Err(panic) = thread::spawn(work).join() else { return };
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref().copied()).unwrap_or("without a message");
    if words.contains("Book: ") {
        // A test in `work` has failed, and has explained itself.
        resume_unwind(panic);
    }
    panic!("{explanation} Your code panicked: {words}. {PAGE}");
}

#[test]
fn a_token_names_its_value() {
    let mut registry = Registry::new();
    assert_eq!(registry.len(), 0, "Nothing was inserted; `left` is what `len` returned.");
    let a = insert(&mut registry, "a");
    let b = insert(&mut registry, "b");
    assert_eq!(
        (named(&mut registry, a), named(&mut registry, b), registry.len()),
        (Some("a"), Some("b"), 2),
        "Two values were inserted; `left` is what their tokens name, and what `len` returned."
    );
}

#[test]
fn a_value_is_told_its_token() {
    let mut registry = Registry::new();
    for _ in 0..3 {
        let token = registry.insert(|token| token);
        assert_eq!(
            named(&mut registry, token),
            Some(token),
            "M35: `insert` returned one token (`right`), and `make` was called with another one \
             (`left`). A value that keeps the token from `make` has one that names nothing, or another \
             value. {PAGE}"
        );
        registry.remove(token);
        registry.insert(|token| token);
    }
}

#[test]
fn a_removed_value_is_given_back_once() {
    let mut registry = Registry::new();
    let token = insert(&mut registry, "a");
    assert_eq!(registry.remove(token), Some("a"), "`left` is what `remove` returned.");
    assert_eq!(
        registry.get_mut(token),
        None,
        "M35: the token of a removed value still finds something (`left`). {PAGE}"
    );
    assert_eq!(
        registry.len(),
        0,
        "M72: the only value was removed, and `len` still counts its place (`left`). Count values, \
         not places. {PAGE}"
    );
}

#[test]
fn the_others_keep_their_tokens() {
    let mut registry = Registry::new();
    let tokens: Vec<_> = ["a", "b", "c", "d"].map(|name| insert(&mut registry, name)).into();
    registry.remove(tokens[1]);
    registry.remove(tokens[0]);
    assert_eq!(
        [tokens[2], tokens[3]].map(|token| named(&mut registry, token)),
        [Some("c"), Some("d")],
        "M71: of `a b c d` the first two were removed, and `left` is what the tokens of `c` and `d` \
         name now. Their tokens have been given out, so they must stay where they are. Let a removed value \
         leave an empty place. {PAGE}"
    );
}

#[test]
fn a_token_that_was_never_given_names_nothing() {
    no_panic(
        "M35: a token that names no place was looked up. The tokens of a server's listener and waker \
         name no place either, and one wrong token must not end all conversations. Return None.",
        || {
            let mut registry = Registry::new();
            let strangers = [0, 1, 1000, usize::MAX].map(|index| Token { index, generation: 7 });
            for token in strangers {
                let found = (named(&mut registry, token), registry.remove(token));
                assert_eq!(found, (None, None), "M35: {token:?} was never given. {PAGE}");
            }
            let token = insert(&mut registry, "a");
            for stranger in strangers.into_iter().filter(|other| other.index != token.index) {
                let found = (named(&mut registry, stranger), registry.remove(stranger));
                assert_eq!(found, (None, None), "M35: {stranger:?} was never given. {PAGE}");
            }
            assert_eq!(registry.len(), 1, "M72: nothing was removed; `left` is `len`. {PAGE}");
        },
    );
}

#[test]
fn places_are_used_again() {
    let mut registry = Registry::new();
    let mut tokens: Vec<_> = (0..10).map(|client| insert(&mut registry, client)).collect();
    for client in 10..1_000 {
        let leaves = tokens.remove(client * 7 % 10);
        assert!(registry.remove(leaves).is_some(), "M35: a value was lost. {PAGE}");
        let token = insert(&mut registry, client);
        assert!(
            token.index < 10,
            "M72: there were never more than 10 values at once, and value {client} is in place {}. Memory \
             grows with every client that a server has ever had. Remember which places are free, and \
             use those first. {PAGE}",
            token.index
        );
        tokens.push(token);
    }
    assert_eq!(
        registry.len(),
        10,
        "M72: there are 10 values; `left` is what `len` returned. {PAGE}"
    );
}

#[test]
fn a_stale_token_names_nobody() {
    let mut registry = Registry::new();
    let old = insert(&mut registry, "old");
    registry.remove(old);
    let new = insert(&mut registry, "new");
    assert_eq!(
        registry.get_mut(old),
        None,
        "M35: `old` was removed, and its place was given to `new`; then `old`'s token was looked up, \
         as an event does that was on its way. `left` is the value that it found. The new one would get \
         an event that belongs to the old one. Compare the generations, and keep a place's generation \
         while it is free. {PAGE}"
    );
    assert_eq!(registry.get_mut(new), Some(&mut "new"), "`left` is what the new token names.");
}

#[test]
fn a_stale_token_removes_nobody() {
    let mut registry = Registry::new();
    let old = insert(&mut registry, "old");
    registry.remove(old);
    let new = insert(&mut registry, "new");
    assert_eq!(
        (registry.remove(old), named(&mut registry, new), registry.len()),
        (None, Some("new"), 1),
        "M35: `old` was removed, its place was given to `new`, and then `old`'s token was removed \
         again. `left` is what that returned, what `new`'s token names now, and `len`. A server would \
         close a connection because an earlier one has ended. {PAGE}"
    );
}

#[test]
fn removing_twice_frees_one_place() {
    let mut registry = Registry::new();
    let token = insert(&mut registry, "a");
    registry.remove(token);
    no_panic("M72: a token was removed twice.", move || {
        assert_eq!(registry.remove(token), None, "M72: a value was returned twice. {PAGE}");
        let (b, c) = (insert(&mut registry, "b"), insert(&mut registry, "c"));
        assert!(
            named(&mut registry, b) == Some("b") && named(&mut registry, c) == Some("c"),
            "M72: a token was removed twice, and its place was then free twice: two values that were \
             inserted after that got the same place, and one of them is lost. Free a place only if there \
             was a value to take out. {PAGE}"
        );
        assert_eq!(
            registry.len(),
            2,
            "M72: there are 2 values; `left` is what `len` returned. {PAGE}"
        );
    });
}

/// All tokens that a place may ever have.
fn tokens_of_place(index: usize) -> impl Iterator<Item = Token> {
    (0..=u8::MAX).map(move |generation| Token { index, generation })
}

#[test]
fn no_token_names_a_free_place() {
    no_panic("M35: a token that was not given yet was looked up; its place is free.", || {
        let mut registry = Registry::new();
        let token = insert(&mut registry, "a");
        registry.remove(token);
        for token in tokens_of_place(token.index) {
            let found = named(&mut registry, token);
            assert_eq!(
                found, None,
                "M35: a place is free, and {token:?} finds something in it. {PAGE}"
            );
        }
    });
}

#[test]
fn no_token_frees_a_free_place() {
    no_panic("M72: a token that was not given yet was removed; its place is free.", || {
        let mut registry = Registry::new();
        let token = insert(&mut registry, "a");
        registry.remove(token);
        for token in tokens_of_place(token.index) {
            let found = registry.remove(token);
            assert_eq!(
                found, None,
                "M72: a place is free, and `remove` found something for {token:?}. {PAGE}"
            );
        }
        let (b, c) = (insert(&mut registry, "b"), insert(&mut registry, "c"));
        assert!(
            (b.index, c.index) == (0, 1) && registry.len() == 2,
            "M72: tokens that name nothing were removed, among them the token of the next value, and \
             then two values were inserted into places {} and {}; `len` is {}. Where there is no value, \
             free nothing and change nothing, whatever the token is. {PAGE}",
            b.index,
            c.index,
            registry.len()
        );
    });
}

#[test]
fn generations_come_round() {
    no_panic(
        "M73: 1,000 values were in one place, one after another. A generation of 8 bits wraps around, \
         as one of 32 bits does in a server that runs for years. Use `wrapping_add`.",
        || {
            let mut registry = Registry::new();
            let mut old = insert(&mut registry, 0);
            let mut given = vec![old];
            for number in 1..1_000 {
                registry.remove(old);
                let new = insert(&mut registry, number);
                let again = given.iter().rev().take(254).position(|earlier| *earlier == new);
                assert_eq!(
                    again, None,
                    "M73: value {number} of a place has the token {new:?}, and one of the last 254 \
                     values had the same (`left`: how many values ago, less one). An event may be as old \
                     as it takes until a generation comes again: use all 8 bits. {PAGE}"
                );
                given.push(new);
                assert!(
                    registry.get_mut(old).is_none() && registry.remove(old).is_none(),
                    "M73: value {number} of a place has the token {new:?}, and the token of the value \
                     before it, {old:?}, finds it. Each value's generation must differ from the \
                     one before it, also after the largest one: use `wrapping_add`, and compare for \
                     equality, not for which one is older. {PAGE}"
                );
                assert_eq!(
                    (named(&mut registry, new), registry.len(), new.index),
                    (Some(number), 1, 0),
                    "M73: value {number} of a place has the token {new:?}; `left` is what that names, \
                     what `len` returned, and the place. There is never more than one value, so \
                     one place is enough: it can be used for ever. {PAGE}"
                );
                old = new;
            }
        },
    );
}

#[test]
fn each_place_has_its_own_generations() {
    for others in 0..600 {
        let mut registry = Registry::new();
        let old = insert(&mut registry, "old");
        for _ in 0..others {
            let other = insert(&mut registry, "other");
            registry.remove(other);
        }
        registry.remove(old);
        // Both places are taken now, whichever was used first.
        insert(&mut registry, "new");
        insert(&mut registry, "new");
        assert_eq!(
            registry.get_mut(old),
            None,
            "M35: `old` was there while {others} other values came and went in another place; then it was \
             removed, and its place was used for the second time. `old`'s token already names the new \
             value, because the values of another place have used up the generations. Count them for \
             each place. {PAGE}"
        );
    }
}

#[test]
fn generations_survive_an_empty_registry() {
    let mut registry = Registry::new();
    let old: Vec<_> = (0..5).map(|_| insert(&mut registry, "old")).collect();
    for token in &old {
        registry.remove(*token);
    }
    let _new: Vec<_> = (0..5).map(|_| insert(&mut registry, "new")).collect();
    for token in old {
        assert_eq!(
            registry.get_mut(token),
            None,
            "M35: all values were removed, others came, and the token of an old one names a new one. \
             Events may still be on their way when the last value is removed: keep its place and its \
             generation. {PAGE}"
        );
    }
}

/// What a look-up, a removal, a count and an insertion cost when so many places are taken, and so
/// many others free.
fn cost(taken: usize, free: usize) -> Duration {
    let mut registry = Registry::new();
    let mut tokens: Vec<_> =
        (0..taken + free).map(|number| insert(&mut registry, number)).collect();
    for token in tokens.drain(taken / 2..taken / 2 + free) {
        registry.remove(token);
    }
    // The cheapest of several rounds: in the others, another thread may have taken the caches.
    let rounds = (0..10).map(|_| {
        let begin = processor_time();
        // Far from both ends of the list, wherever a search may begin.
        for (number, token) in tokens.iter_mut().enumerate().skip(taken / 2 - 32).take(64) {
            assert!(named(&mut registry, *token).is_some(), "M71: a value moved. {PAGE}");
            registry.remove(*token);
            assert_eq!(registry.len(), taken - 1, "M72: `left` is what `len` returned. {PAGE}");
            *token = insert(&mut registry, number);
        }
        processor_time() - begin
    });
    rounds.min().expect("there are several")
}

#[test]
fn nothing_searches_through_the_places() {
    const FEW: usize = 64;
    const MANY: usize = 128 * FEW;
    let few = cost(FEW, 0);
    for (taken, free) in [(MANY, 0), (FEW, MANY)] {
        let times = cost(taken, free).as_nanos() / few.as_nanos().max(1);
        // Trees and hash tables need some times more. A search needs about a hundred times more.
        assert!(
            times < 20,
            "M75: a value is looked up, removed, counted and replaced. With {taken} places taken and \
             {free} free, that costs {times} times the processor time that it costs with {FEW} places: \
             the cost of a step grows with the number of places. Keep in fields whether a place is free, \
             which place is free next, and how many values there are, instead of searching. {PAGE}"
        );
    }
}
