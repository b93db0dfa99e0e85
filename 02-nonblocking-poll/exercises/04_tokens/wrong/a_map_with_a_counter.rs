//! M72 · fails: places_are_used_again

#![allow(unused, reason = "a starter has unused parts until it is solved")]

use std::collections::HashMap;

/// Names a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The number of a place. The first is 0.
    pub index: usize,
    pub generation: u8,
}

/// Values, found by their tokens.
pub struct Registry<T> {
    values: HashMap<Token, T>,
    next: usize,
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        Self { values: HashMap::new(), next: 0 }
    }

    /// Makes a value, and keeps it. `make` is told the token that will name it: a connection often
    /// has to know its own. A free place is used before a new one is made. What becomes of a
    /// place whose `make` panics is not asked for.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        // It grows for ever, so no token is ever given twice.
        let token = Token { index: self.next, generation: 0 };
        self.next += 1;
        self.values.insert(token, make(token));
        token
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        self.values.get_mut(&token)
    }

    /// Takes the value out, and frees its place. None, and nothing happens, where `get_mut` finds
    /// none.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        self.values.remove(&token)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }
}
