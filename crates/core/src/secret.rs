//! A value that must never be printed.

use zeroize::Zeroize;

/// Keeps a secret out of logs and error messages, and wipes it from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every call is a place to look at in a review.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, to be filled in its place: a value that is moved leaves a copy behind.
    pub const fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<'de> serde::Deserialize<'de> for Secret<String> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(feature = "specta")]
impl specta::Type for Secret<String> {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        <String as specta::Type>::definition(types)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    /// Counts how often it was wiped: to read memory that was given back would prove nothing, and is not allowed.
    #[derive(Clone)]
    struct Counted(Rc<Cell<u32>>);

    impl Zeroize for Counted {
        fn zeroize(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn a_secret_and_each_copy_of_it_are_wiped_when_they_are_dropped() {
        let wiped = Rc::<Cell<u32>>::default();
        let secret = Secret::new(Counted(Rc::clone(&wiped)));
        let copy = secret.clone();
        assert_eq!(wiped.get(), 0);
        drop(secret);
        assert_eq!(wiped.get(), 1);
        // Also where a fault of the program takes it away.
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _held = copy;
            panic!("a fault");
        }));
        assert!(caught.is_err());
        assert_eq!(wiped.get(), 2);
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)).matches("hunter2").count(), 0);
    }
}
