//! Text fields and formats: any keys in any region, and any number.

use countersign::format::Input;
use countersign::{PhoneNumber, Region};

/// The first byte is the region, or none. In the UTF-8 text after it, `<` deletes a character and
/// `!` everything; the rest is typed.
pub fn run(data: &[u8]) {
    let Some((place, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let region = Region::all().nth(usize::from(*place));
    let (mut input, mut typed, mut is_full) = (field(region), String::new(), false);
    for key in text.chars().take(300) {
        match key {
            '<' => {
                typed.pop();
                is_full = false;
                input.pop();
            }
            '!' => {
                typed.clear();
                is_full = false;
                input.clear();
            }
            key => {
                is_full |= typed.len() + key.len_utf8() > 64;
                if !is_full {
                    typed.push(key);
                }
                input.push(key);
            }
        }
    }
    let mut fresh = field(region);
    typed.chars().for_each(|key| _ = fresh.push(key));
    assert_eq!(input.as_str(), fresh.as_str());
    assert_eq!(input.as_str().is_empty(), typed.is_empty());
    if let Ok(number) = input.number() {
        formats(number);
    }
    if let Ok(number) = typed.parse() {
        formats(number);
    }
}

fn field(region: Option<Region>) -> Input {
    region.map_or_else(Input::international, Input::new)
}

/// Every format has the digits of the number, and a masked number the length of the international
/// one.
fn formats(number: PhoneNumber) {
    let digits = number.digits().to_string();
    let international = number.international();
    for text in [international, number.rfc3966(), number.masked(usize::MAX)] {
        let shown: String = text.as_str().chars().filter(char::is_ascii_digit).collect();
        assert_eq!(shown, digits);
    }
    assert!(!number.national().as_str().is_empty());
    for visible in 0..4 {
        assert_eq!(number.masked(visible).as_str().chars().count(), international.as_str().len());
    }
}
