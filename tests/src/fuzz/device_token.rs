//! Device tokens: any text; issued tokens, then damaged or presented elsewhere; and any claim under
//! a valid MAC.

mod claim;
mod desk;

use countersign::otp::KnownDevice;
use countersign::{DeviceToken, Timestamp};

use super::bytes::Bytes;
use claim::Claim;
use desk::{AGES, Desk, EARLIEST, NOW, RECIPIENTS, TENANTS};

/// The first byte selects one of the three.
pub fn run(data: &[u8]) {
    let Some((what, data)) = data.split_first() else { return };
    match what % 3 {
        0 => anything(data),
        1 => issued_and_damaged(&mut Bytes(data)),
        _ => any_claim(&mut Bytes(data)),
    }
}

/// A text is a token or a clean error, and no token made without the keys is known.
fn anything(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some(token) = read(&text) else { return };
    let desk = Desk::default();
    let claim = Claim::read(&plain(&text).unwrap()).unwrap();
    let known = desk.known(&token);
    assert!(known.is_none() || claim.has_mac_of(&desk), "a forged token");
    desk.starts_in_lane_of(token, known);
}

/// An issued token is known unchanged, for its recipient and in its time, and never otherwise.
fn issued_and_damaged(bytes: &mut Bytes<'_>) {
    let issuer = Desk::from(&mut *bytes);
    let now = moved(NOW, bytes).clamp(EARLIEST, Timestamp::MAX.unix_millis() - 1);
    let issuer = Desk { now, ..issuer };
    let (token, issued) = issuer.issue(bytes.byte().into());
    let text = token.to_string();
    assert_eq!(read(&text).map(|back| back.to_string()), Some(text.clone()), "the text round-trips");

    let desk = Desk { now: moved(issuer.now, bytes), ..presented_elsewhere(&issuer, bytes) };
    let sound = plain(&text);
    let text = damaged(&text, bytes);
    let Some(token) = read(&text) else { return };
    let ours = desk.accepts(issued.key) && desk.whose() == issuer.whose();
    let expected = ours && plain(&text) == sound && is_fresh(issuer.now, &desk);
    let known = desk.known(&token);
    assert_eq!(known.is_some(), expected, "{desk:?}");
    if let Some(KnownDevice { id, issued_at, .. }) = known {
        assert_eq!((id, issued_at.unix_millis()), (issued.device, issuer.now));
    }
    desk.starts_in_lane_of(token, known);
}

/// A claim that only a holder of the keys could make: it is known if it is valid at this desk.
fn any_claim(bytes: &mut Bytes<'_>) {
    let desk = Desk::from(&mut *bytes);
    let key = bytes.byte() % 3;
    let issued_at = match bytes.below(4) {
        0 => bytes.wide(1 << 48),
        1 => Timestamp::MAX.unix_millis() - bytes.wide(1 << 48),
        _ => moved(NOW, bytes),
    };
    let claim = Claim::with_mac(&desk, key, issued_at, [bytes.byte(); 16]);
    let token = read(&claim.to_string()).unwrap();
    let known = desk.known(&token);
    assert_eq!(known.is_some(), desk.accepts(key) && is_fresh(issued_at, &desk), "{desk:?}");
    desk.starts_in_lane_of(token, known);
}

fn is_fresh(issued_at: u64, desk: &Desk) -> bool {
    issued_at <= desk.now + 5000 && desk.now < issued_at + AGES[desk.age]
}

/// Returns a time near the ends of a token's validity, or any time.
fn moved(from: u64, bytes: &mut Bytes<'_>) -> u64 {
    let off = bytes.below(5) as u64;
    let to = match bytes.below(8) {
        0..=2 => from,
        3 => (from + off).saturating_sub(5002),
        4 | 5 => from + AGES[bytes.below(AGES.len())] - 2 + off,
        6 => from - bytes.wide(from + 1),
        _ => from + bytes.wide(1 << 48),
    };
    to.min(Timestamp::MAX.unix_millis())
}

/// Mostly where it was issued.
fn presented_elsewhere(issuer: &Desk, bytes: &mut Bytes<'_>) -> Desk {
    let mut desk = issuer.clone();
    match bytes.below(8) {
        0 => desk.recipient = bytes.below(RECIPIENTS),
        1 => desk.tenant = bytes.below(TENANTS.len()),
        2 => desk.root = bytes.below(2),
        3 | 4 => desk.phase = bytes.below(4),
        _ => {}
    }
    desk
}

/// Changes characters or the length.
fn damaged(text: &str, bytes: &mut Bytes<'_>) -> String {
    let mut text = text.as_bytes().to_vec();
    for _ in 0..bytes.below(4) {
        let at = bytes.below(DeviceToken::TEXT_LEN);
        match (bytes.below(4), text.get(at).copied()) {
            (0, Some(_)) => text[at] = bytes.byte(),
            (1, Some(character)) => text[at] = character.to_ascii_uppercase(),
            (2, Some(_)) => text[at] = b"0123456789abcdefABCDEF"[bytes.below(22)],
            (_, Some(_)) => text.truncate(at),
            (_, None) => text.push(bytes.byte()),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Parses a token, and compares the result with a plain parser.
fn read(text: &str) -> Option<DeviceToken> {
    let token: Option<DeviceToken> = text.parse().ok();
    assert_eq!(token.is_some(), plain(text).is_some(), "{text}");
    if let Some(token) = &token {
        assert_eq!(token.to_string(), text.to_ascii_lowercase());
    }
    token
}

/// Parses 80 hexadecimal digits, the first byte being 1.
fn plain(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() == 80)?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| (16 * pair[0] + pair[1]) as u8).collect();
    (bytes[0] == 1).then_some(bytes)
}
