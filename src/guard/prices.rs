//! Prices of sends.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::error::MOST;
use crate::channel::Channel;
use crate::region::Region;

/// Prices of sends by region and channel, in one currency.
///
/// ```
/// use countersign::guard::Prices;
/// use countersign::{Channel, Region};
///
/// let prices = Prices::from_csv("region,channel,price\nGB,sms,0.04\nGB,whatsapp,0.03\n")?;
/// assert_eq!(prices.of(Some(Region::GB), Channel::Sms), 0.04);
/// assert_eq!(prices.of(Some(Region::FR), Channel::Sms), Prices::UNLISTED);
///
/// let error = Prices::from_csv("region,channel,price\nGB,sms,-1\n").unwrap_err();
/// assert_eq!(error.to_string(), "price list, line 2: the price is negative");
/// # Ok::<(), countersign::guard::PriceError>(())
/// ```
#[derive(Clone)]
pub struct Prices(Source);

#[derive(Clone)]
enum Source {
    /// Sorted by region and channel.
    List(Vec<Price>),
    Given(Arc<dyn Fn(Option<Region>, Channel) -> f64 + Send + Sync>),
}

#[derive(Clone, Copy)]
struct Price {
    place: (Region, Channel),
    price: f64,
}

impl Prices {
    /// The price of a send that is not listed.
    pub const UNLISTED: f64 = 0.05;

    const HEADER: &str = "region,channel,price";

    /// Parses a price list with the header `region,channel,price`. Regions are ISO 3166-1 alpha-2
    /// codes, channels `sms` or `whatsapp`. Empty lines are skipped; there is no quoting.
    ///
    /// # Errors
    ///
    /// If a line is not of this form, or a price is negative, not finite, above 1e9, or listed
    /// twice.
    pub fn from_csv(text: &str) -> Result<Self, PriceError> {
        let mut lines = (1..).zip(text.lines());
        let header = lines.next().map(|(_, line)| line.trim_start_matches('\u{feff}').trim());
        if header != Some(Self::HEADER) {
            return Err(PriceError { line: 1, kind: PriceErrorKind::Header });
        }
        let mut prices = Self::default();
        for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
            let insert =
                parse(text).and_then(|(region, channel, price)| prices.insert(region, channel, price));
            insert.map_err(|kind| PriceError { line, kind })?;
        }
        Ok(prices)
    }

    /// Lists a price. A function of prices is replaced by a list.
    ///
    /// # Errors
    ///
    /// If the price is out of range, or listed already.
    pub(crate) fn insert(
        &mut self,
        region: Region,
        channel: Channel,
        price: f64,
    ) -> Result<(), PriceErrorKind> {
        if !price.is_finite() {
            return Err(PriceErrorKind::NotFinite);
        }
        if price < 0.0 {
            return Err(PriceErrorKind::Negative);
        }
        if price > MOST {
            return Err(PriceErrorKind::TooLarge);
        }
        if !self.is_list() {
            *self = Self::default();
        }
        if let Source::List(list) = &mut self.0 {
            match list.binary_search_by_key(&(region, channel), |listed| listed.place) {
                Ok(_) => return Err(PriceErrorKind::Twice),
                Err(place) => list.insert(place, Price { place: (region, channel), price }),
            }
        }
        Ok(())
    }

    /// Calls a function for the price of each send. A negative price or one that is not finite
    /// counts as [`UNLISTED`](Self::UNLISTED).
    #[must_use]
    pub fn from_fn(price: impl Fn(Option<Region>, Channel) -> f64 + Send + Sync + 'static) -> Self {
        Self(Source::Given(Arc::new(price)))
    }

    /// Returns the price of a send. Email is free.
    #[must_use]
    pub fn of(&self, region: Option<Region>, channel: Channel) -> f64 {
        if channel == Channel::Email {
            return 0.0;
        }
        let price = match &self.0 {
            Source::List(list) => region.and_then(|region| {
                let place = list.binary_search_by_key(&(region, channel), |price| price.place).ok()?;
                list.get(place).map(|price| price.price)
            }),
            Source::Given(price) => Some(price(region, channel)),
        };
        price.filter(|price| (0.0..=MOST).contains(price)).unwrap_or(Self::UNLISTED)
    }

    /// Returns the listed prices; none if they come from a function.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (Region, Channel, f64)> {
        let list = match &self.0 {
            Source::List(list) => list.as_slice(),
            Source::Given(_) => &[],
        };
        list.iter().map(|Price { place: (region, channel), price }| (*region, *channel, *price))
    }

    pub(crate) const fn is_list(&self) -> bool {
        matches!(self.0, Source::List(_))
    }
}

fn parse(line: &str) -> Result<(Region, Channel, f64), PriceErrorKind> {
    let mut fields = line.split(',').map(str::trim);
    let (Some(region), Some(channel), Some(price), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(PriceErrorKind::Fields);
    };
    let region = region.parse().map_err(|_| PriceErrorKind::Region)?;
    let channel = match channel {
        "sms" => Channel::Sms,
        "whatsapp" => Channel::WhatsApp,
        _ => return Err(PriceErrorKind::Channel),
    };
    Ok((region, channel, price.parse().map_err(|_| PriceErrorKind::Number)?))
}

/// An empty list: every send costs [`UNLISTED`](Prices::UNLISTED).
impl Default for Prices {
    fn default() -> Self {
        Self(Source::List(Vec::new()))
    }
}

impl fmt::Debug for Prices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::List(list) => write!(f, "Prices({} listed)", list.len()),
            Source::Given(_) => f.write_str("Prices(from a function)"),
        }
    }
}

/// An invalid line of a price list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceError {
    line: usize,
    kind: PriceErrorKind,
}

/// Why a line of a price list is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PriceErrorKind {
    /// The first line is not `region,channel,price`.
    Header,
    /// The line does not have three fields.
    Fields,
    /// The region is not an ISO 3166-1 alpha-2 code.
    Region,
    /// The channel is neither `sms` nor `whatsapp`.
    Channel,
    /// The price is not a number.
    Number,
    /// The price is infinite or NaN.
    NotFinite,
    /// The price is negative.
    Negative,
    /// The price is above 1e9.
    TooLarge,
    /// The region and channel already have a price.
    Twice,
}

impl PriceError {
    /// Returns the number of the line, starting at 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// Returns why the line is invalid.
    #[must_use]
    pub const fn kind(&self) -> PriceErrorKind {
        self.kind
    }
}

impl fmt::Display for PriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "price list, line {}: {}", self.line, self.kind)
    }
}

impl fmt::Display for PriceErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "expected the header region,channel,price",
            Self::Fields => "expected three fields",
            Self::Region => "expected an ISO 3166-1 alpha-2 code",
            Self::Channel => "expected the channel sms or whatsapp",
            Self::Number => "the price is not a number",
            Self::NotFinite => "the price is infinite or NaN",
            Self::Negative => "the price is negative",
            Self::TooLarge => "the price is above 1e9",
            Self::Twice => "the region and channel are listed twice",
        })
    }
}

impl core::error::Error for PriceError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn error(line: &str) -> (usize, PriceErrorKind) {
        let error = Prices::from_csv(&format!("region,channel,price\nUS,sms,0.01\n\n{line}\n")).unwrap_err();
        (error.line(), error.kind())
    }

    #[test]
    fn errors_name_the_line_and_the_reason() {
        for (line, kind) in [
            ("GB,sms", PriceErrorKind::Fields),
            ("GB,sms,1,2", PriceErrorKind::Fields),
            ("ZZ,sms,1", PriceErrorKind::Region),
            ("GB,email,1", PriceErrorKind::Channel),
            ("GB,SMS,1", PriceErrorKind::Channel),
            ("GB,sms,", PriceErrorKind::Number),
            ("GB,sms,1.2.3", PriceErrorKind::Number),
            ("GB,sms,NaN", PriceErrorKind::NotFinite),
            ("GB,sms,inf", PriceErrorKind::NotFinite),
            ("GB,sms,1e999", PriceErrorKind::NotFinite),
            ("GB,sms,-0.01", PriceErrorKind::Negative),
            ("GB,sms,1e10", PriceErrorKind::TooLarge),
            ("us , sms,0.02", PriceErrorKind::Twice),
        ] {
            assert_eq!(error(line), (4, kind), "{line}");
        }
        for text in ["", "US,sms,0.01\n", "\n"] {
            let error = Prices::from_csv(text).unwrap_err();
            assert_eq!((error.line(), error.kind()), (1, PriceErrorKind::Header));
        }
    }

    #[test]
    fn accepts_crlf_and_a_byte_order_mark() {
        let prices = Prices::from_csv("\u{feff}region,channel,price\r\nUS,sms,0\r\nGB,sms,0.04\r\n").unwrap();
        assert_eq!(prices.of(Some(Region::US), Channel::Sms), 0.0);
        assert_eq!(prices.of(Some(Region::GB), Channel::Sms), 0.04);
        assert_eq!(prices.of(Some(Region::GB), Channel::WhatsApp), 0.05);
        assert_eq!(prices.of(None, Channel::Sms), 0.05);
        assert_eq!(prices.of(None, Channel::Email), 0.0);
    }

    #[test]
    fn invalid_prices_of_a_function_count_as_unlisted() {
        for nonsense in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            let prices = Prices::from_fn(move |_, _| nonsense);
            assert_eq!(prices.of(Some(Region::US), Channel::Sms), Prices::UNLISTED);
        }
        let prices = Prices::from_fn(|region, _| if region == Some(Region::FR) { 0.07 } else { 0.02 });
        assert_eq!(prices.of(Some(Region::FR), Channel::Sms), 0.07);
    }
}
