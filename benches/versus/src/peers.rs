//! The libraries, each with the shortest way from a string to region, validity and kind.

use crate::answer::Answer;

/// A library.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// The version of libphonenumber's metadata that it has.
    pub(crate) metadata: &'static str,
    pub(crate) ask: fn(&str) -> Answer,
    /// It is asked about every so manieth number: a slow one would take minutes.
    pub(crate) every: usize,
    /// What it cannot answer.
    pub(crate) note: &'static str,
}

/// In the order of the table. The versions of metadata are those of the crates in `Cargo.lock`.
pub(crate) const PEERS: [Peer; 4] = [
    Peer {
        name: "countersign",
        metadata: countersign::number::METADATA_VERSION,
        ask: countersign,
        every: 1,
        note: "",
    },
    Peer {
        name: "phonelib",
        metadata: "9.0.40",
        ask: phonelib,
        every: 1,
        note: "no kind for voicemail; validity mostly by length",
    },
    Peer { name: "rlibphonenumber", metadata: "9.0.42", ask: rlibphonenumber, every: 1, note: "" },
    Peer { name: "phonenumber", metadata: "9.0.33", ask: phonenumber, every: 8, note: "" },
];

fn countersign(text: &str) -> Answer {
    let Ok(number) = text.parse::<countersign::PhoneNumber>() else { return Answer::NotValid };
    let region = number.region().map(countersign::Region::as_str);
    number.kind().map_or(Answer::NotValid, |kind| Answer::valid(region, kind.as_str()))
}

/// What it does not find valid, it does not parse.
fn phonelib(text: &str) -> Answer {
    use phonelib::PhoneNumberType as Type;
    let Some(number) = phonelib::PhoneNumber::parse(text) else { return Answer::NotValid };
    let kind = match number.phone_type() {
        Type::Mobile => "mobile",
        Type::FixedLine => "fixed_line",
        Type::FixedLineOrMobile => "fixed_line_or_mobile",
        Type::TollFree => "toll_free",
        Type::PremiumRate => "premium_rate",
        Type::SharedCost => "shared_cost",
        Type::Voip => "voip",
        Type::PersonalNumber => "personal_number",
        Type::Pager => "pager",
        Type::Uan => "uan",
        _ => "unknown",
    };
    Answer::valid(Some(number.country().code), kind)
}

fn rlibphonenumber(text: &str) -> Answer {
    use rlibphonenumber::PhoneNumberType as Type;
    let Ok(number) = text.parse::<rlibphonenumber::PhoneNumber>() else { return Answer::NotValid };
    if !number.is_valid() {
        return Answer::NotValid;
    }
    let kind = match number.get_type() {
        Type::FixedLine => "fixed_line",
        Type::Mobile => "mobile",
        Type::FixedLineOrMobile => "fixed_line_or_mobile",
        Type::TollFree => "toll_free",
        Type::PremiumRate => "premium_rate",
        Type::SharedCost => "shared_cost",
        Type::VoIP => "voip",
        Type::PersonalNumber => "personal_number",
        Type::Pager => "pager",
        Type::UAN => "uan",
        Type::VoiceMail => "voicemail",
        Type::Unknown => "unknown",
    };
    match number.get_region_code() {
        Some(region) => Answer::valid(Some(region.as_region_str().as_str()), kind),
        None => Answer::valid(None, kind),
    }
}

fn phonenumber(text: &str) -> Answer {
    use phonenumber::Type;
    let Ok(number) = phonenumber::parse(None, text) else { return Answer::NotValid };
    if !number.is_valid() {
        return Answer::NotValid;
    }
    let kind = match number.number_type(&phonenumber::metadata::DATABASE) {
        Type::FixedLine => "fixed_line",
        Type::Mobile => "mobile",
        Type::FixedLineOrMobile => "fixed_line_or_mobile",
        Type::TollFree => "toll_free",
        Type::PremiumRate => "premium_rate",
        Type::SharedCost => "shared_cost",
        Type::Voip => "voip",
        Type::PersonalNumber => "personal_number",
        Type::Pager => "pager",
        Type::Uan => "uan",
        Type::Voicemail => "voicemail",
        _ => "unknown",
    };
    Answer::valid(number.country().id().as_ref().map(phonenumber::country::Id::as_ref), kind)
}
