//! Splits long patterns into lines, one alternative each, so that a change is a short difference.

/// Returns the lines of a pattern, each with its depth. Lines are at most `width` columns long where
/// the pattern has a place to split.
pub(super) fn lines(pattern: &str, width: usize) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let alternatives = alternatives(pattern);
    for (index, alternative) in alternatives.iter().enumerate() {
        let end = if index + 1 < alternatives.len() { "|" } else { "" };
        if alternative.len() + end.len() <= width {
            lines.push((0, format!("{alternative}{end}")));
        } else {
            split(alternative, end, width, &mut lines);
        }
    }
    lines
}

/// Splits an alternative at its groups: the inside of each long one is indented.
fn split(alternative: &str, end: &str, width: usize, lines: &mut Vec<(usize, String)>) {
    let mut line = String::new();
    let mut rest = alternative;
    while let Some((before, inside, after)) = next_group(rest) {
        line += before;
        if inside.len() > width / 3 {
            lines.push((0, core::mem::take(&mut line)));
            let inside = self::lines(inside, width.saturating_sub(2));
            lines.extend(inside.into_iter().map(|(depth, line)| (depth + 1, line)));
        } else {
            line += inside;
        }
        line.push(')');
        rest = after;
    }
    lines.push((0, format!("{line}{rest}{end}")));
}

/// Returns the text up to the inside of the first group, the inside, and the text after the group.
fn next_group(text: &str) -> Option<(&str, &str, &str)> {
    let open = text.find('(')? + 1;
    let open = if text[open..].starts_with("?:") { open + 2 } else { open };
    let mut depth = 1_usize;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..open], &text[open..at], &text[at + 1..]));
        }
    }
    None
}

/// Returns the alternatives of a pattern that are in no group.
fn alternatives(pattern: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    pattern
        .split(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == '|' && depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn splits_alternatives_and_long_groups() {
        let split = |pattern, width| {
            let lines = lines(pattern, width).into_iter();
            lines.map(|(depth, line)| "  ".repeat(depth) + &line + "\n").collect::<String>()
        };
        assert_eq!(split(r"1[23]|4\d", 20), "1[23]|\n4\\d\n");
        assert_eq!(
            split(r"(?:1(?:2|3)|4[5-8]|(9)0)\d{6}|7(?:1|2)\d{8}", 20),
            "(?:\n  1(?:2|3)|\n  4[5-8]|\n  (9)0\n)\\d{6}|\n7(?:1|2)\\d{8}\n"
        );
        assert_eq!(split("(", 0), "(\n");
    }
}
