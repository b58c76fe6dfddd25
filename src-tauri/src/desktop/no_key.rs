//! No keys that work everywhere: how to take them has only been built for X11.

use super::KeyState;

/// Never made.
pub(super) enum Grab {}

impl Grab {
    pub(super) fn hold(keys: &str, _: impl Fn() + Send + 'static) -> Result<Option<Self>, KeyState> {
        if keys.is_empty() { Ok(None) } else { Err(KeyState::Unsupported) }
    }
}
