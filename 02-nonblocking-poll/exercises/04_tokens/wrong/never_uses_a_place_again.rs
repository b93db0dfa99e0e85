//! M72 · fails: places_are_used_again

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
    /// A place is never used twice, so its number alone names a value.
    places: Vec<Option<T>>,
    len: usize,
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        Self { places: Vec::new(), len: 0 }
    }

    /// Makes a value, and keeps it. `make` is told the token that will name it: a connection often
    /// has to know its own. A free place is used before a new one is made. What becomes of a
    /// place whose `make` panics is not asked for.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        let token = Token { index: self.places.len(), generation: 0 };
        self.places.push(Some(make(token)));
        self.len += 1;
        token
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        self.places.get_mut(token.index)?.as_mut()
    }

    /// Takes the value out, and frees its place. None, and nothing happens, where `get_mut` finds
    /// none.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        let value = self.places.get_mut(token.index)?.take()?;
        self.len -= 1;
        Some(value)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }
}
