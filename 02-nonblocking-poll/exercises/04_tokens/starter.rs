//! A token used again.
//!
//! An event comes with a token, and the token must lead to its connection at once. So values live
//! in numbered places, and a token holds the number. When a value is removed, its place goes to a
//! later one: a server that has served a million clients, ten at a time, has ten places.
//!
//! But an event for a value that was removed may still be on its way, and its token holds
//! the same number. It must lead to nobody: the new value has nothing to do with it. For that a
//! token holds a generation as well, which tells the values of one place from each other.
//!
//! Generations have 8 bits here, so that you see them come round: after 256 values of one place
//! its first token may name a value again. In a server they have 32 or more.
//!
//! Your task: the fields of `Registry`, and its methods. None of them may search through
//! the places.
//!
//! Read first: the book, "Letting the kernel tell us".
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
    // A value that leaves leaves a place. What must you remember of it, and where is the next
    // free one?
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        todo!()
    }

    /// Makes a value, and keeps it. `make` is told the token that will name it: a connection often
    /// has to know its own. A free place is used before a new one is made. What becomes of a
    /// place whose `make` panics is not asked for.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        todo!("which place, which generation?")
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        todo!("is it still the one?")
    }

    /// Takes the value out, and frees its place. None, and nothing happens, where `get_mut` finds
    /// none.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        todo!("which tokens must not name this place any more?")
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        todo!()
    }
}
