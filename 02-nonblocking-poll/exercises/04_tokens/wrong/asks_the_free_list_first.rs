//! M75 · fails: nothing_searches_through_the_places

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
    pub fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    pub fn insert(&mut self, make: impl FnOnce(Token) -> T) -> Token {
        match self.free.last().copied() {
            Some(index) => {
                let token = Token { index, generation: self.places[index].generation };
                let value = make(token);
                self.free.pop();
                self.places[index].value = Some(value);
                token
            }
            None => {
                let token = Token { index: self.places.len(), generation: 0 };
                let value = make(token);
                self.places.push(Place { generation: 0, value: Some(value) });
                token
            }
        }
    }

    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        let place = self.places.get_mut(token.index)?;
        if place.generation != token.generation {
            return None;
        }
        if self.free.contains(&token.index) {
            return None;
        }
        place.value.as_mut()
    }

    pub fn remove(&mut self, token: Token) -> Option<T> {
        let place = self.places.get_mut(token.index)?;
        if place.generation != token.generation {
            return None;
        }
        let value = place.value.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(token.index);
        Some(value)
    }

    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }
}
