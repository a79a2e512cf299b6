//! A second implementation of the rule for email addresses: splits first, then checks the parts.

/// The characters of `atext` in RFC 5322 §3.2.3, without letters and digits.
const ATEXT: &str = "!#$%&'*+-/=?^_`{|}~";

/// Returns whether the text is an address: dots and `atext`, `@`, and a host name as in RFC 1123
/// that the URL standard does not read as an IPv4 address.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels: Vec<&str> = domain.split('.').collect();
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || ATEXT.contains(c))
        && labels.iter().all(|label| is_label(label))
        && !is_number(labels.last().unwrap())
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && label.trim_matches('-') == label
}

/// Returns whether a label ends in a number:
/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>, from its third step on.
pub fn is_number(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    let hex = lower.strip_prefix("0x").is_some_and(|hex| hex.chars().all(|c| c.is_ascii_hexdigit()));
    hex || (!label.is_empty() && label.chars().all(|c| c.is_ascii_digit()))
}
