//! M71 · fails: the_others_keep_their_tokens

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
    /// Each with the generation that its token has.
    values: Vec<(u8, T)>,
    generation: u8,
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        Self { values: Vec::new(), generation: 0 }
    }

    /// Makes a value, and keeps it. `make` is told the token that will name it: a connection often
    /// has to know its own. A free place is used before a new one is made. What becomes of a
    /// place whose `make` panics is not asked for.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        let token = Token { index: self.values.len(), generation: self.generation };
        self.generation = self.generation.wrapping_add(1);
        self.values.push((token.generation, make(token)));
        token
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        match self.values.get_mut(token.index) {
            Some((generation, value)) if *generation == token.generation => Some(value),
            _ => None,
        }
    }

    /// Takes the value out, and frees its place. None, and nothing happens, where `get_mut` finds
    /// none.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        self.get_mut(token)?;
        Some(self.values.swap_remove(token.index).1)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }
}
