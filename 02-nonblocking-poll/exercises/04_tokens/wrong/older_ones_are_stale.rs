//! M73 · fails: generations_come_round

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
    places: Vec<Place<T>>,
    free: Vec<usize>,
}

struct Place<T> {
    generation: u8,
    value: Option<T>,
}

impl<T> Registry<T> {
    /// A registry without values.
    pub fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    /// Makes a value, and keeps it. `make` is told the token that will name it: a connection often
    /// has to know its own. A free place is used before a new one is made. What becomes of a
    /// place whose `make` panics is not asked for.
    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.places.push(Place { generation: 0, value: None });
                self.places.len() - 1
            }
        };
        let place = &mut self.places[index];
        let token = Token { index, generation: place.generation };
        place.value = Some(make(token));
        token
    }

    /// The value that this token was given for. None if it was removed, or if there never was one.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        let place = self.places.get_mut(token.index)?;
        if token.generation < place.generation {
            return None;
        }
        place.value.as_mut()
    }

    /// Takes the value out, and frees its place. None, and nothing happens, where `get_mut` finds
    /// none.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        let place = self.places.get_mut(token.index)?;
        if token.generation < place.generation {
            return None;
        }
        let value = place.value.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(token.index);
        Some(value)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }
}
