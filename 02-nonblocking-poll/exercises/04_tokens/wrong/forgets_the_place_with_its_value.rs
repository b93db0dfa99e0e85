//! M35 · fails: a_stale_token_names_nobody

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
    /// By place: the generation, and the value.
    values: HashMap<usize, (u8, T)>,
    free: Vec<usize>,
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        Self { values: HashMap::new(), free: Vec::new() }
    }

    /// Makes a value, and keeps it. `make` is told the token that will name it: a connection often
    /// has to know its own. A free place is used before a new one is made. What becomes of a
    /// place whose `make` panics is not asked for.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        let index = self.free.pop().unwrap_or(self.values.len());
        let generation =
            self.values.get(&index).map_or(0, |(generation, _)| generation.wrapping_add(1));
        let token = Token { index, generation };
        self.values.insert(index, (generation, make(token)));
        token
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        let (generation, value) = self.values.get_mut(&token.index)?;
        (*generation == token.generation).then_some(value)
    }

    /// Takes the value out, and frees its place. None, and nothing happens, where `get_mut` finds
    /// none.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        self.get_mut(token)?;
        self.free.push(token.index);
        self.values.remove(&token.index).map(|(_, value)| value)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }
}
