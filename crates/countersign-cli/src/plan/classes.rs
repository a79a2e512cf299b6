//! Prefixes and lengths, as `data/numbering_plan.csv` writes them.

/// A set of digits, one bit each.
pub(super) type Digits = u16;

const ANY: Digits = (1 << 10) - 1;

/// Parses a prefix such as `74[5-7]x`: a digit, a class or any digit for each position.
pub(super) fn prefix(text: &str) -> Option<Vec<Digits>> {
    let mut classes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (class, after) = match first {
            'x' => (ANY, &rest[1..]),
            '[' => {
                let (inside, after) = rest[1..].split_once(']')?;
                (class(inside)?, after)
            }
            digit => (1 << digit.to_digit(10)?, &rest[1..]),
        };
        classes.push(class);
        rest = after;
    }
    Some(classes)
}

/// Parses the inside of a class, such as `0157-9`.
fn class(text: &str) -> Option<Digits> {
    let mut class = 0;
    let mut digits = text.chars().peekable();
    while let Some(first) = digits.next() {
        let first = first.to_digit(10)?;
        let last = match digits.next_if_eq(&'-') {
            Some(_) => digits.next()?.to_digit(10)?,
            None => first,
        };
        if last < first {
            return None;
        }
        class |= (first..=last).map(|digit| 1 << digit).sum::<Digits>();
    }
    (class != 0).then_some(class)
}

/// Parses lengths such as `7;9-10` to a set, one bit for each length.
pub(super) fn lengths(text: &str) -> Option<u16> {
    let mut set = 0;
    for part in text.split(';') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (length(first)?, length(last)?);
        if first > last || last > 15 {
            return None;
        }
        (first..=last).for_each(|length| set |= 1 << length);
    }
    Some(set)
}

/// Parses a length, which is positive and has no sign.
fn length(text: &str) -> Option<u32> {
    let is_length = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_prefixes() {
        assert_eq!(prefix("7x[02-4]"), Some(vec![1 << 7, ANY, 0b1_1101]));
        assert_eq!(prefix(""), Some(vec![]));
        for text in ["[", "[]", "[5-]", "[9-4]", "a", "7٣", "[7"] {
            assert_eq!(prefix(text), None, "{text}");
        }
    }

    #[test]
    fn parses_lengths() {
        assert_eq!(lengths("7;9-10"), Some(0b110_1000_0000));
        for text in
            ["", "0", "0-7", "16", "9-7", "7;", "-7", "7-", "a", "+7", "07", "7-+9", " 7", "99999999999"]
        {
            assert_eq!(lengths(text), None, "{text}");
        }
    }
}
