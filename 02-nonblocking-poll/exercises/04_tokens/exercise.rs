//! A token used again.
//!
//! An event comes with a token, and the token must lead to its connection at once. So values are kept
//! in numbered places, and a token holds the number. When a value is removed, its place goes to a
//! later one: a server that has served a million clients, ten at a time, has ten places.
//!
//! But an event for a value that was removed may still be on its way, and its token holds the same
//! number. That token must lead to no value: the new one has nothing to do with the event. So a token
//! also holds a generation, which tells the values of one place from each other.
//!
//! Generations have 8 bits here, so that you see them wrap around: after 256 values in one place its
//! first token may name a value again. In a server they have 32 bits or more.
//!
//! Your task: the fields of `Registry`, and its methods. None of them may search through
//! the places.
//!
//! Read first: the book, "A token used again".
//! Check with `cargo workshop check tokens`.
#![allow(unused, reason = "a starter has unused parts until it is solved")]

/// Names a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The number of a place. The first is 0.
    pub index: usize,
    pub generation: u8,
}

/// Values, found by their tokens.
pub struct Registry<T> {
    values: Vec<T>,
    // A removed value leaves an empty place. What must you remember about it, and where is the
    // next free one?
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        todo!()
    }

    /// Makes a value, and keeps it. `make` gets the token that will name the value: a connection often
    /// has to know its own. A free place is used before a new one is made. What happens to a place
    /// whose `make` panics is not tested.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        todo!("which place, which generation?")
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        todo!("is it still the same value?")
    }

    /// Takes the value out, and frees its place. Where `get_mut` finds none, returns None and changes
    /// nothing.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        todo!("which tokens must no longer name this place?")
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        todo!()
    }
}
