//! Invisible characters.

/// Returns whether `c` is an invisible character that breaks a line or changes its direction.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control() || is_bidi_control(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// Returns whether `c` has the Unicode property Bidi_Control: marks, embeddings, overrides and
/// isolates.
const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
