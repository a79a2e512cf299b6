//! Laws of the messages, from outside: one segment whatever is accepted, segments as a plain count has them, an autofill line that
//! reads back, and words that can't be made to say something else.

#![cfg(feature = "std")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    unreachable_pub,
    reason = "a test has std, and fails by panicking"
)]

use std::time::Duration;

use countersign::message::{
    AppHash, AppName, Domain, EmailTemplate, Encoding, Locale, PasscodeMessage, SmsSize, Template,
};
use countersign::{
    Challenge, Channel, CodeFormat, EmailAddress, Issued, Keys, Lifetime, MemoryStore, PhoneNumber,
    Recipient, Timestamp, Verifier,
};
use proptest::prelude::*;
use proptest::sample::select;

#[path = "oracle/cases.rs"]
mod cases;
#[path = "oracle/rng.rs"]
mod rng;
#[path = "oracle/sms.rs"]
mod sms;

use cases::cases;
use rng::Seeded;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const HASH: &str = "FA+9qCX9VSu";
const LONGEST_DOMAIN: &str = "accounts.01234567890.example.com";

/// A code of this format, by this channel, with so many minutes to live.
fn issued(channel: Channel, format: CodeFormat, minutes: u64) -> Issued {
    let verifier = Verifier::new(Keys::from_secret([7; 32]).unwrap(), MemoryStore::new());
    let recipient = match channel {
        Channel::Email => Recipient::from("ada@example.com".parse::<EmailAddress>().unwrap()),
        _ => Recipient::from("+12025550162".parse::<PhoneNumber>().unwrap()),
    };
    let challenge =
        Challenge::new(recipient, channel).format(format).lifetime(Lifetime::from_minutes(minutes).unwrap());
    verifier.at(NOW, &mut Seeded(1)).start_challenge(&challenge).unwrap()
}

fn sms_of(digits: u8, minutes: u64) -> Issued {
    issued(Channel::Sms, CodeFormat::digits(digits).unwrap(), minutes)
}

fn message<'a>(name: &'a str, locale: Locale, domain: Option<&'a str>, hash: bool) -> PasscodeMessage<'a> {
    let mut message = PasscodeMessage::new(AppName::at_ucs2_price(name).unwrap(), locale);
    if let Some(domain) = domain {
        message = message.web_otp(Domain::new(domain).unwrap());
    }
    if hash { message.sms_retriever(AppHash::new(HASH).unwrap()) } else { message }
}

#[test]
fn the_longest_of_everything_fits_one_segment_and_sms_retriever() {
    assert!(Domain::new(&format!("a{LONGEST_DOMAIN}")).is_err(), "not the longest domain");
    let longest = sms_of(10, 10);
    for name in ["WWWWWWWWWWWWWWWWWWWW", "€€€€€€€€€€", "ΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔΔ", "{{{{{{{{{{"]
    {
        assert!(
            AppName::new(name).is_ok() && AppName::new(&format!("{name}a")).is_err(),
            "not the longest name"
        );
        for locale in Locale::ALL {
            let size = message(name, locale, Some(LONGEST_DOMAIN), true).render(&longest, NOW).sms_size();
            assert_eq!((size.encoding(), size.segments()), (Encoding::Gsm7, 1), "{locale} {name}");
            assert!(size.fits_sms_retriever(), "{locale} {name}: {size:?}");
            // The price of a name outside the alphabet.
            let name = "я".repeat(20);
            for (domain, hash, segments) in [(None, false, 2), (Some(LONGEST_DOMAIN), true, 3)] {
                let size = message(&name, locale, domain, hash).render(&longest, NOW).sms_size();
                assert_eq!((size.encoding(), size.segments()), (Encoding::Ucs2, segments), "{locale}");
            }
        }
    }
}

#[test]
fn the_four_languages_word_by_word() {
    let issued = sms_of(6, 2);
    let code = issued.code().as_str();
    for (locale, expected) in [
        (Locale::En, "Your Acme code: 123456. Valid for 2 min. Never share it."),
        (Locale::Es, "Su clave de Acme: 123456. Caduca en 2 min. No la comparta."),
        (Locale::Fr, "Votre code Acme : 123456. Valable 2 min. Ne le partagez pas."),
        (Locale::PtBr, "Seu token Acme: 123456. Vale por 2 min. Nunca o compartilhe."),
    ] {
        let expected = expected.replace("123456", code);
        let text = |domain, hash| message("Acme", locale, domain, hash).render(&issued, NOW).to_string();
        assert_eq!(text(None, false), expected);
        assert_eq!(text(None, true), format!("{expected}\n{HASH}"));
        assert_eq!(text(Some("example.com"), false), format!("{expected}\n@example.com #{code}"));
        assert_eq!(text(Some("example.com"), true), format!("{expected}\n@example.com #{code} {HASH}"));
        let message = message("Acme", locale, Some("example.com"), true);
        assert_eq!(
            message.render(&issued, NOW).to_wiped().as_str(),
            message.render(&issued, NOW).to_string()
        );
    }
}

#[test]
fn whatsapp_and_email_have_the_code_once_and_no_autofill_line() {
    for channel in [Channel::WhatsApp, Channel::Email] {
        let issued = issued(channel, CodeFormat::alphanumeric(10).unwrap(), 10);
        for locale in Locale::ALL {
            let message = message("Acme", locale, Some("example.com"), true);
            let text = message.render(&issued, NOW).to_string();
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
fn the_minutes_are_those_that_are_left() {
    let message = PasscodeMessage::new(AppName::new("Acme").unwrap(), Locale::En)
        .sms_template(Template::new("{code} {minutes}").unwrap());
    let issued = sms_of(6, 3);
    for (seconds, minutes) in [(0, "3"), (5, "3"), (6, "2"), (65, "2"), (66, "1"), (179, "1"), (9999, "1")] {
        let text = message.render(&issued, NOW + Duration::from_secs(seconds)).to_string();
        assert_eq!(text.split_once(' ').unwrap().1, minutes, "after {seconds} s");
    }
    // A clock that went back does not make the text longer than the longest.
    assert!(message.render(&issued, Timestamp::EPOCH).to_string().ends_with(" 10"));
}

#[test]
fn a_hosts_own_words_are_used_and_what_is_put_in_is_not_read_again() {
    let issued = sms_of(6, 2);
    let code = issued.code().as_str();
    let message = message("{code}", Locale::En, Some("example.com"), false)
        .sms_template(Template::new("{app}: {code}").unwrap())
        .email_template(EmailTemplate::new("{app}", "{code}").unwrap());
    assert_eq!(message.render(&issued, NOW).to_string(), format!("{{code}}: {code}\n@example.com #{code}"));
    assert_eq!(message.subject().to_string(), "{code}");
}

#[test]
fn the_alphabet_is_the_one_that_others_know() {
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
    fn segments_are_what_a_plain_count_says(text in texts()) {
        let size = SmsSize::of(&text);
        let counted = sms::size(&sms::alphabet(), &text);
        prop_assert_eq!((size.encoding(), size.units(), size.segments()), counted);
    }

    #[test]
    fn the_last_line_reads_back_whatever_was_accepted(
        name in names(), domain in domains(), words in words(), hash: bool, digits in 6..=10_u8, own: bool, locale in select(&Locale::ALL)) {
        let (Ok(app), Ok(host)) = (AppName::at_ucs2_price(&name), Domain::new(&domain)) else { return Ok(()) };
        let mut message = PasscodeMessage::new(app, locale).web_otp(host);
        if hash {
            message = message.sms_retriever(AppHash::new(HASH).unwrap());
        }
        if let (true, Ok(template)) = (own, Template::new(&words)) {
            message = message.sms_template(template);
        }
        let issued = sms_of(digits, 2);
        let text = message.render(&issued, NOW).to_string();
        let expected = sms::OriginBound { host: domain.clone(), code: issued.code().as_str().to_owned(), embedded: None };
        prop_assert_eq!(sms::origin_bound(&text), Some(expected));
        prop_assert_eq!(sms::marked_places(&text), 1);
        prop_assert_eq!(text.ends_with(HASH), hash);
        let counted = sms::size(&sms::alphabet(), &text);
        let size = message.render(&issued, NOW).sms_size();
        prop_assert_eq!((size.encoding(), size.units(), size.segments()), counted);
    }

    #[test]
    fn nothing_that_is_typed_panics_and_errors_point_into_the_text(text in ".{0,40}", words in words()) {
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

/// Mostly good names, and now and then something to inject.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[A-Za-z0-9 {}é€.:/-]{1,20}", 1 => "[a-z@#\n\r\u{85}\u{2028} ]{1,20}", 1 => ".{1,20}",
        1 => select(vec!["a @b.example #1", "a\n@b.example #1", "@b.example #1"]).prop_map(str::to_owned)]
}

fn domains() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z0-9]{1,8}\\.[a-z]{2,8}", 1 => "[a-z0-9.-]{1,34}", 1 => "[a-z.@#\n ]{1,34}"]
}

/// Words with and without their placeholders, and with pieces that may not be in them.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[A-Za-zé ]{1,8}",
        1 => select(vec!["{", "}", "@", "#", "\n", "\r", "@example.org #999999", "{name}"]).prop_map(str::to_owned),
        1 => select(vec!["{app}", "{minutes}", "{code}"]).prop_map(str::to_owned),
    ];
    let around = || proptest::collection::vec(piece.clone(), 0..4).prop_map(|pieces| pieces.concat());
    (around(), around()).prop_map(|(before, after)| format!("{before}{{code}}{after}"))
}
