//! The recovery code: 130 random bits for paper. Crockford's base 32 (no I, L, O, U) in seven groups of
//! four; the last two characters check the others.

use crate::error::SyncError;
use crate::key::digest;
use twin_core::port::Random;
use twin_core::secret::Secret;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM: usize = 26;
const CHECKING: usize = 2;
const GROUP: usize = 4;

/// A new code as it is shown: `ABCD-EFGH-…`, seven groups. The text itself, hyphens and all, is also the passphrase of an age
/// file, so that the stock `age` opens it.
pub fn new_code(random: &mut dyn Random) -> Secret<String> {
    let mut bytes = Zeroizing::new([0; RANDOM]);
    random.fill(&mut *bytes);
    let symbols: Zeroizing<Vec<u8>> = Zeroizing::new(bytes.iter().map(|byte| byte & 31).collect());
    Secret::new(shown(&symbols))
}

/// The code as it was shown, from however it was typed: small letters, blanks, `O` for zero, `I` and `L` for one.
/// [`SyncError::RecoveryCodeMistyped`] if it is none: one wrong, missing or exchanged character is found (two characters
/// check it, so one in 1,024 of other mistakes is not).
pub fn parse_code(text: &str) -> Result<Secret<String>, SyncError> {
    let mut symbols = Zeroizing::new(Vec::with_capacity(RANDOM + CHECKING));
    for character in text.chars().filter(|character| !character.is_whitespace() && *character != '-') {
        symbols.push(symbol(character)?);
    }
    let typed = symbols.get(..RANDOM).ok_or(SyncError::RecoveryCodeMistyped)?;
    let code = shown(typed);
    let checked = symbols.len() == RANDOM + CHECKING && symbols.get(RANDOM..) == Some(&checking(typed)[..]);
    if checked { Ok(Secret::new(code)) } else { Err(SyncError::RecoveryCodeMistyped) }
}

fn symbol(character: char) -> Result<u8, SyncError> {
    let character = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let at = ALPHABET.iter().position(|known| char::from(*known) == character);
    at.and_then(|at| u8::try_from(at).ok()).ok_or(SyncError::RecoveryCodeMistyped)
}

/// Weighted sums in GF(32), so that every single wrong character and every exchange of two is found, not only 1,023 of
/// 1,024 of them: the second check symbol is a Reed-Solomon syndrome over positions that all differ.
fn checking(symbols: &[u8]) -> [u8; CHECKING] {
    let (mut sum, mut weighted, mut weight) = (0, 0, 1);
    for symbol in symbols {
        sum ^= symbol;
        weight = double(weight);
        weighted ^= times(*symbol, weight);
    }
    // Not plain sums: a code of zeros should not look like one.
    let salt = digest(&[b"digital-twin recovery code"]).0;
    [sum ^ (salt.first().copied().unwrap_or(0) & 31), weighted ^ (salt.last().copied().unwrap_or(0) & 31)]
}

/// Times x, modulo x^5 + x^2 + 1, of which x is a generator: 31 weights differ.
const fn double(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 { shifted } else { (shifted ^ 0b10_0101) & 31 }
}

fn times(mut first: u8, mut second: u8) -> u8 {
    let mut product = 0;
    while second != 0 {
        if second & 1 == 1 {
            product ^= first;
        }
        first = double(first);
        second >>= 1;
    }
    product
}

fn shown(symbols: &[u8]) -> String {
    let all = symbols.iter().copied().chain(checking(symbols));
    let mut text = String::with_capacity(40);
    for (at, symbol) in all.enumerate() {
        if at > 0 && at % GROUP == 0 {
            text.push('-');
        }
        text.push(ALPHABET.get(usize::from(symbol)).map_or('0', |known| char::from(*known)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counted(u8);

    impl Random for Counted {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                self.0 = self.0.wrapping_mul(13).wrapping_add(7);
                *byte = self.0;
            }
        }
    }

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let code = new_code(&mut Counted(1));
        assert_eq!(code.expose().len(), 34, "{}", code.expose());
        let careless =
            format!(" {} ", code.expose().to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l"));
        assert_eq!(parse_code(&careless).unwrap(), code);
    }

    #[test]
    fn every_mistyped_exchanged_or_missing_character_is_found() {
        let code = new_code(&mut Counted(9)).expose().replace('-', "");
        let symbols: Vec<char> = code.chars().collect();
        for at in 0..symbols.len() {
            for other in ALPHABET.iter().map(|byte| char::from(*byte)).filter(|other| *other != symbols[at]) {
                let mut wrong = symbols.clone();
                wrong[at] = other;
                assert!(parse_code(&wrong.iter().collect::<String>()).is_err(), "{at} {other}");
            }
            let mut short = symbols.clone();
            short.remove(at);
            assert!(parse_code(&short.iter().collect::<String>()).is_err());
            if at > 0 && at < RANDOM && symbols[at] != symbols[at - 1] {
                let mut exchanged = symbols.clone();
                exchanged.swap(at, at - 1);
                assert!(parse_code(&exchanged.iter().collect::<String>()).is_err(), "{at}");
            }
        }
    }
}
