//! Slips of the finger: two letters swapped, one left out, one twice, or its neighbour's key.

use crate::saas::user::scaled;

/// The rows of letters on a keyboard.
const ROWS: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

/// Returns a name with a slip in it: never the name itself.
pub(super) fn name_with_slip(name: &str, mark: u64) -> String {
    with_slip(name, name.len(), mark)
}

/// Returns a mail address with a slip among the letters of the name in it: never the address
/// itself and never another user's, because the number in it stays.
pub(super) fn email_with_slip(email: &str, mark: u64) -> String {
    let letters = email.find(|letter: char| letter.is_ascii_digit() || letter == '@');
    with_slip(email, letters.unwrap_or(0), mark)
}

/// Makes a slip after the first letter of `text` and before `end`. Texts are ASCII.
fn with_slip(text: &str, end: usize, mark: u64) -> String {
    let bytes = text.as_bytes();
    let places: Vec<usize> =
        (1..end.min(bytes.len())).filter(|place| bytes[*place].is_ascii_alphabetic()).collect();
    let place = usize::try_from(scaled(mark, places.len() as u64)).unwrap_or(0);
    let Some(place) = places.get(place).copied() else { return format!("{text}x") };
    let mut slipped = bytes.to_vec();
    let letter = bytes[place];
    let next = bytes.get(place + 1).filter(|next| next.is_ascii_alphabetic() && **next != letter);
    match (mark % 4, next) {
        (0, Some(_)) => slipped.swap(place, place + 1),
        (1, _) => drop(slipped.remove(place)),
        (2, _) => slipped.insert(place, letter),
        _ => slipped[place] = neighbour(letter),
    }
    String::from_utf8_lossy(&slipped).into_owned()
}

/// Returns the letter on the next key.
fn neighbour(letter: u8) -> u8 {
    let lower = letter.to_ascii_lowercase();
    let Some((row, place)) = ROWS
        .iter()
        .find_map(|row| row.iter().position(|key| *key == lower).map(|place| (row, place)))
    else {
        return b'x';
    };
    *row.get(place + 1).or(row.get(place.saturating_sub(1))).unwrap_or(&b'x')
}
