//! Decisions for many texts, compared with one call for each.

use countersign::policy::Decision;
use countersign::{Channel, Kind, PhoneNumber, Policy, Region};

/// Takes any bytes. Each line is a text.
pub fn run(data: &[u8]) {
    let texts: Vec<_> = data.split(|byte| *byte == b'\n').collect();
    for channel in Channel::ALL {
        compare(&policy(), &texts, channel);
    }
}

/// A policy with every decision among its answers.
pub fn policy() -> Policy {
    use Region as R;
    Policy::default()
        .allow(Channel::Sms, [R::GB, R::FR, R::DE, R::IT, R::VA, R::MX])
        .and_then(|policy| policy.deny(Channel::Sms, [R::CA]))
        .and_then(|policy| policy.allow(Channel::WhatsApp, [R::RU, R::GB]))
        .and_then(|policy| policy.allow_kinds(Channel::Sms, [Kind::FixedLine, Kind::TollFree]))
        .unwrap()
}

/// Compares the answers with those of single calls, in a loop, in one go, and first the one and
/// then the other.
pub fn compare<T: AsRef<[u8]>>(policy: &Policy, texts: &[T], channel: Channel) {
    let single = |text: &T| {
        let number = PhoneNumber::try_from(text.as_ref())?;
        Ok((number, policy.decide(number, channel)))
    };
    let expected: Vec<Result<(PhoneNumber, Decision), _>> = texts.iter().map(single).collect();

    let mut answers = policy.decide_many(texts, channel);
    for (place, expected) in expected.iter().enumerate() {
        assert_eq!(answers.len(), texts.len() - place);
        assert_eq!(answers.next().as_ref(), Some(expected), "text {place} on {channel}");
    }
    assert_eq!((answers.len(), answers.next(), answers.next()), (0, None, None));

    for first in [0, 1, texts.len() / 2, texts.len()] {
        let mut answers = policy.decide_many(texts, channel);
        let mut collected: Vec<_> = answers.by_ref().take(first).collect();
        answers.for_each(|answer| collected.push(answer));
        assert_eq!(collected, expected, "{first} texts one by one, on {channel}");
    }
}
