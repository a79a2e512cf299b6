//! Messages: built-in texts fit one segment, segments equal a plain count, the autofill line parses
//! back, and words cannot inject anything.

use std::time::Duration;

use countersign::message::{
    AppHash, AppName, AppNameError, Domain, EmailTemplate, Encoding, Locale, PasscodeMessage, SmsSize,
    Template,
};
use countersign::otp::CodeFormat;
use countersign::{
    Challenge, Channel, EmailAddress, Issued, Keys, Lifetime, MemoryStore, PhoneNumber, Recipient, Timestamp,
    Verifier,
};
use countersign_tests::rng::Seeded;
use countersign_tests::{email, sms};
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::cases;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const HASH: &str = "FA+9qCX9VSu";
const LONGEST_DOMAIN: &str = "accounts.01234567890.example.com";

/// Issues a code of this format by this channel, valid for this many minutes.
fn issued(channel: Channel, format: CodeFormat, minutes: u64) -> Issued {
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), MemoryStore::new());
    let recipient = match channel {
        Channel::Email => Recipient::from("ada@example.com".parse::<EmailAddress>().unwrap()),
        _ => Recipient::from("+12025550162".parse::<PhoneNumber>().unwrap()),
    };
    let challenge =
        Challenge::new(recipient).with_format(format).with_lifetime(Lifetime::from_minutes(minutes).unwrap());
    verifier.at(NOW, &mut Seeded(1)).start(&challenge, channel).unwrap()
}

fn sms_of(digits: u8, minutes: u64) -> Issued {
    issued(Channel::Sms, CodeFormat::digits(digits).unwrap(), minutes)
}

fn message<'a>(name: &'a str, locale: Locale, domain: Option<&'a str>, hash: bool) -> PasscodeMessage<'a> {
    let mut message = PasscodeMessage::new(AppName::at_ucs2_price(name).unwrap(), locale);
    if let Some(domain) = domain {
        message = message.with_web_otp(Domain::new(domain).unwrap());
    }
    if hash { message.with_sms_retriever(AppHash::new(HASH).unwrap()) } else { message }
}

#[test]
fn longest_texts_fit_one_segment_and_sms_retriever() {
    assert!(Domain::new(&format!("a{LONGEST_DOMAIN}")).is_err(), "not the longest domain");
    let longest = sms_of(10, 10);
    for name in ["WWWWWWWWWWWWWWWWWWWW", "€€€€€€€€€€", "ΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔ", "{{{{{{{{{{"]
    {
        assert!(
            AppName::new(name).is_ok() && AppName::new(&format!("{name}a")).is_err(),
            "not the longest name"
        );
        for locale in Locale::ALL {
            let size =
                message(name, locale, Some(LONGEST_DOMAIN), true).render(&longest, NOW).unwrap().sms_size();
            assert_eq!((size.encoding(), size.segments()), (Encoding::Gsm7, 1), "{locale} {name}");
            assert!(size.fits_sms_retriever(), "{locale} {name}: {size:?}");
            // The price of a name outside the GSM alphabet.
            let name = "я".repeat(20);
            for (domain, hash, segments) in [(None, false, 2), (Some(LONGEST_DOMAIN), true, 3)] {
                let size = message(&name, locale, domain, hash).render(&longest, NOW).unwrap().sms_size();
                assert_eq!((size.encoding(), size.segments()), (Encoding::Ucs2, segments), "{locale}");
            }
        }
    }
}

#[test]
fn built_in_texts_of_each_language() {
    let issued = sms_of(6, 2);
    let code = issued.code().as_str();
    for (locale, expected) in [
        (Locale::En, "Your Acme code: 123456. Valid for 2 min. Never share it."),
        (Locale::Es, "Su clave de Acme: 123456. Caduca en 2 min. No la comparta."),
        (Locale::Fr, "Votre code Acme : 123456. Valable 2 min. Ne le partagez pas."),
        (Locale::PtBr, "Seu token Acme: 123456. Vale por 2 min. Nunca o compartilhe."),
    ] {
        let expected = expected.replace("123456", code);
        let text =
            |domain, hash| message("Acme", locale, domain, hash).render(&issued, NOW).unwrap().to_string();
        assert_eq!(text(None, false), expected);
        assert_eq!(text(None, true), format!("{expected}\n{HASH}"));
        assert_eq!(text(Some("example.com"), false), format!("{expected}\n@example.com #{code}"));
        assert_eq!(text(Some("example.com"), true), format!("{expected}\n@example.com #{code} {HASH}"));
        let message = message("Acme", locale, Some("example.com"), true);
        assert_eq!(
            message.render(&issued, NOW).unwrap().to_wiped().as_str(),
            message.render(&issued, NOW).unwrap().to_string()
        );
    }
}

#[test]
fn whatsapp_and_email_contain_the_code_once_and_no_autofill_line() {
    for channel in [Channel::WhatsApp, Channel::Email] {
        let issued = issued(channel, CodeFormat::alphanumeric(10).unwrap(), 10);
        for locale in Locale::ALL {
            let message = message("Acme", locale, Some("example.com"), true);
            let text = message.render(&issued, NOW).unwrap().to_string();
            assert_eq!(text.matches(issued.code().as_str()).count(), 1, "{text}");
            assert!(text.contains("Acme") && text.contains(" 10 min"), "{text}");
            assert!(!text.contains(['@', '#', '{', '}', '\r']), "{text}");
            let subject = message.subject().to_string();
            assert!(subject.contains("Acme") && !subject.contains('\n'), "{subject}");
            assert!(!subject.contains(issued.code().as_str()), "{subject}");
        }
    }
}

#[test]
fn states_the_remaining_minutes() {
    let message = minutes_alone();
    let issued = sms_of(6, 3);
    for (seconds, minutes) in [(0, "3"), (5, "3"), (6, "2"), (65, "2"), (66, "1"), (179, "1")] {
        let text = message.render(&issued, NOW + Duration::from_secs(seconds)).unwrap().to_string();
        assert_eq!(text.split_once(' ').unwrap().1, minutes, "after {seconds} s");
    }
    // A clock that went back does not make the text longer than its maximum.
    assert!(message.render(&issued, Timestamp::EPOCH).unwrap().to_string().ends_with(" 10"));
}

#[test]
fn rejects_expired_codes() {
    let message = minutes_alone();
    let issued = sms_of(6, 3);
    let after =
        |millis| message.render(&issued, NOW + Duration::from_millis(millis)).map(|text| text.to_string());
    assert!(after(179_999).unwrap().ends_with(" 1"));
    for millis in [180_000, 180_001, 10_000_000] {
        let error = after(millis).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the code has expired and cannot be sent; resend it to issue a new one"
        );
    }
    assert!(message.render(&issued, Timestamp::MAX).is_err());
}

fn minutes_alone() -> PasscodeMessage<'static> {
    PasscodeMessage::new(AppName::new("Acme").unwrap(), Locale::En)
        .with_sms_template(Template::new("{code} {minutes}").unwrap())
}

/// Every character with the property Bidi_Control (UAX #9 and PropList.txt).
const BIDI_CONTROLS: [char; 12] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

#[test]
fn rejects_domains_that_browsers_read_as_ipv4_addresses() {
    for domain in [
        "127.0.0.0x1",
        "127.0.0.1",
        "127.1",
        "1.1",
        "0x7f.1",
        "0.0x",
        "127.0.0.0x7f",
        "a.0x1f",
        "a.017",
        "a.09",
        "example.1",
    ] {
        assert!(Domain::new(domain).is_err(), "{domain}");
    }
    for domain in ["0x1.example", "127.0.0.1.example", "1.a0", "a.0xg", "a.1x", "a.x1", "1.1a"] {
        assert!(Domain::new(domain).is_ok(), "{domain}");
    }
}

#[test]
fn placeholders_in_values_are_not_expanded() {
    let issued = sms_of(6, 2);
    let code = issued.code().as_str();
    let message = message("{code}", Locale::En, Some("example.com"), false)
        .with_sms_template(Template::new("{app}: {code}").unwrap())
        .with_email_template(EmailTemplate::new("{app}", "{code}").unwrap());
    assert_eq!(
        message.render(&issued, NOW).unwrap().to_string(),
        format!("{{code}}: {code}\n@example.com #{code}")
    );
    assert_eq!(message.subject().to_string(), "{code}");
}

#[test]
fn gsm_alphabet_matches_the_reference() {
    let alphabet = sms::alphabet();
    assert_eq!(alphabet.len(), 137);
    for c in '\0'..=char::MAX {
        let size = SmsSize::of(&c);
        let expected =
            alphabet.get(&c).map_or((Encoding::Ucs2, c.len_utf16()), |&width| (Encoding::Gsm7, width));
        assert_eq!((size.encoding(), size.units(), size.segments()), (expected.0, expected.1, 1), "{c:?}");
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn segments_match_a_plain_count(text in texts()) {
        let size = SmsSize::of(&text);
        let counted = sms::size(&sms::alphabet(), &text);
        prop_assert_eq!((size.encoding(), size.units(), size.segments()), counted);
    }

    #[test]
    fn the_autofill_line_parses_back(
        name in names(), domain in domains(), words in words(), hash: bool, digits in 6..=10_u8, own: bool, locale in select(&Locale::ALL)) {
        let (Ok(app), Ok(host)) = (AppName::at_ucs2_price(&name), Domain::new(&domain)) else { return Ok(()) };
        let mut message = PasscodeMessage::new(app, locale).with_web_otp(host);
        if hash {
            message = message.with_sms_retriever(AppHash::new(HASH).unwrap());
        }
        if let (true, Ok(template)) = (own, Template::new(&words)) {
            message = message.with_sms_template(template);
        }
        let issued = sms_of(digits, 2);
        let text = message.render(&issued, NOW).unwrap().to_string();
        let expected = sms::OriginBound { host: domain.clone(), code: issued.code().as_str().to_owned(), embedded: None };
        prop_assert_eq!(sms::origin_bound(&text), Some(expected));
        prop_assert_eq!(sms::marked_places(&text), 1);
        prop_assert_eq!(text.ends_with(HASH), hash);
        let counted = sms::size(&sms::alphabet(), &text);
        let size = message.render(&issued, NOW).unwrap().sms_size();
        prop_assert_eq!((size.encoding(), size.units(), size.segments()), counted);
    }

    /// By every channel, in every language, at any time: the message promises no more than the
    /// remaining time, except for a few seconds of delivery and the last minute. There is none once
    /// the code has expired.
    #[test]
    fn promises_no_more_than_the_remaining_minutes(
        channel in select(&Channel::ALL), locale in select(&Locale::ALL), lifetime in 1..=10_u64, millis in 0..700_000_u64) {
        let issued = issued(channel, CodeFormat::DEFAULT, lifetime);
        let words = "{code} {minutes}";
        let message = PasscodeMessage::new(AppName::new("Acme").unwrap(), locale)
            .with_sms_template(Template::new(words).unwrap())
            .with_whatsapp_template(Template::new(words).unwrap())
            .with_email_template(EmailTemplate::new("{app}", words).unwrap());
        let left = (lifetime * 60_000).saturating_sub(millis);
        let Ok(text) = message.render(&issued, NOW + Duration::from_millis(millis)) else {
            prop_assert_eq!(left, 0);
            return Ok(());
        };
        prop_assert!(left > 0);
        let text = text.to_string();
        let minutes: u64 = text.split_once(' ').unwrap().1.parse().unwrap();
        prop_assert!(minutes == 1 || minutes * 60_000 <= left + 5_000, "{} min, {} ms left", minutes, left);
        prop_assert!((minutes + 1) * 60_000 > left, "{} min, {} ms left", minutes, left);
    }

    #[test]
    fn rejects_bidi_controls_in_names_and_texts(name in "[a-z ]{0,9}", c in select(&BIDI_CONTROLS), at in 0..9_usize) {
        let mut text = name;
        let at = at.min(text.len());
        text.insert(at, c);
        let found = AppNameError::Character { at, character: c };
        prop_assert_eq!(AppName::new(&text), Err(found));
        prop_assert_eq!(AppName::at_ucs2_price(&text), Err(found));
        prop_assert_eq!(Template::new(&format!("{text}{{code}}")).unwrap_err().at(), at);
        prop_assert_eq!(EmailTemplate::new(&text, "{code}").unwrap_err().at(), at);
    }

    #[test]
    fn rejects_domains_that_end_in_a_number(domain in dotted()) {
        let last = domain.rsplit('.').next().unwrap();
        if Domain::new(&domain).is_ok() {
            prop_assert!(!email::is_number(last), "{}", domain);
        } else if domain.len() <= 32 && domain.contains('.') {
            prop_assert!(email::is_number(last), "{}", domain);
        }
    }

    #[test]
    fn any_text_parses_or_gives_an_error_position_within_it(text in ".{0,40}", words in words()) {
        let _ = text.parse::<Locale>().map_err(|error| error.to_string());
        let _ = AppHash::new(&text).map_err(|error| error.to_string());
        let _ = AppName::new(&text).map_err(|error| error.to_string());
        let _ = Domain::new(&text).map_err(|error| error.to_string());
        for words in [&text, &words] {
            if let Err(error) = Template::new(words) {
                prop_assert!(words.is_char_boundary(error.at()), "{}", error);
            }
            if let Err(error) = EmailTemplate::new(words, words) {
                prop_assert!(words.is_char_boundary(error.at()), "{}", error);
            }
        }
    }
}

/// Texts about as long as one, two or three segments, with characters of every width.
fn texts() -> impl Strategy<Value = String> {
    let gsm = || select(vec!['a', 'é', '\n', '€', '{', '@', 'Δ']);
    let any = prop_oneof![20 => gsm(), 1 => select(vec!['ç', '😀', '\0', '\u{1b}', '’']), 1 => any::<char>()];
    let of = |c: BoxedStrategy<char>| proptest::collection::vec(c, 0..330).prop_map(String::from_iter);
    prop_oneof![of(gsm().boxed()), of(any.boxed())]
}

/// Mostly valid names, and sometimes an injection.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[A-Za-z0-9 {}é€.:/-]{1,20}", 1 => "[a-z@#\n\r\u{85}\u{2028} ]{1,20}", 1 => ".{1,20}",
        1 => select(vec!["a @b.example #1", "a\n@b.example #1", "@b.example #1"]).prop_map(str::to_owned)]
}

fn domains() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z0-9]{1,8}\\.[a-z]{2,8}", 1 => "[a-z0-9.-]{1,34}", 1 => "[a-z.@#\n ]{1,34}"]
}

/// Well-formed labels, some of which are numbers.
fn dotted() -> impl Strategy<Value = String> {
    let label = "[a-z0-9]{1,6}|[0-9]{1,4}|0x[0-9a-f]{0,4}|0x[0-9a-z]{1,3}";
    proptest::collection::vec(label, 1..5).prop_map(|labels| labels.join("."))
}

/// Words with and without their placeholders, and with pieces that are not allowed.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[A-Za-zé ]{1,8}",
        1 => select(vec!["{", "}", "@", "#", "\n", "\r", "@example.org #999999", "{name}"]).prop_map(str::to_owned),
        1 => select(vec!["{app}", "{minutes}", "{code}"]).prop_map(str::to_owned),
    ];
    let around = || proptest::collection::vec(piece.clone(), 0..4).prop_map(|pieces| pieces.concat());
    (around(), around()).prop_map(|(before, after)| format!("{before}{{code}}{after}"))
}
