//! The libraries, each with the shortest way from a string to a region.

use core::fmt;

/// A library.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) ask: fn(&str) -> Answer,
}

/// What a library says about a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// It is no number.
    Refused,
    /// It is a number, but of no country.
    NoCountry,
    /// It is a number of the country with this ISO 3166-1 alpha-2 code.
    Region([u8; 2]),
}

/// The first one is what the others are compared with.
pub(crate) const PEERS: [Peer; 5] = [
    Peer { name: "countersign", ask: countersign },
    Peer { name: "phonelib, extract_country", ask: phonelib_country },
    Peer { name: "phonelib, PhoneNumber", ask: phonelib_number },
    Peer { name: "rlibphonenumber", ask: rlibphonenumber },
    Peer { name: "phonenumber", ask: phonenumber },
];

fn countersign(text: &str) -> Answer {
    text.parse::<countersign::PhoneNumber>()
        .map_or(Answer::Refused, |number| Answer::of(number.region().map(countersign::Region::alpha2)))
}

fn phonelib_country(text: &str) -> Answer {
    phonelib::extract_country(text).map_or(Answer::Refused, |country| Answer::of(Some(country.code)))
}

fn phonelib_number(text: &str) -> Answer {
    phonelib::PhoneNumber::parse(text)
        .map_or(Answer::Refused, |number| Answer::of(Some(number.country().code)))
}

fn rlibphonenumber(text: &str) -> Answer {
    text.parse::<rlibphonenumber::PhoneNumber>().map_or(Answer::Refused, |number| {
        number.get_region_code().map_or(Answer::NoCountry, |region| Answer::of(Some(region.as_region_str().as_str())))
    })
}

fn phonenumber(text: &str) -> Answer {
    phonenumber::parse(None, text).map_or(Answer::Refused, |number| {
        Answer::of(number.country().id().as_ref().map(phonenumber::country::Id::as_ref))
    })
}

impl Answer {
    /// libphonenumber calls what has no country "001", the world.
    fn of(code: Option<&str>) -> Self {
        match code.map(str::as_bytes) {
            Some(&[a, b]) => Self::Region([a, b]),
            _ => Self::NoCountry,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("not a number"),
            Self::NoCountry => f.write_str("no country"),
            Self::Region([a, b]) => write!(f, "{}{}", char::from(*a), char::from(*b)),
        }
    }
}
