//! Numbers as people read and type them (feature `format`): display formats, text fields that
//! format while somebody types, and example numbers.
//!
//! All of these agree with libphonenumber. They allocate nothing, and the formats are tables
//! that the build compiles from `data/formats.csv`.
//!
//! ```
//! use countersign::{Kind, PhoneNumber, Region};
//! use countersign::format::Input;
//!
//! let number: PhoneNumber = "+442079460958".parse()?;
//! assert_eq!(number.international().as_str(), "+44 20 7946 0958");
//! assert_eq!(number.national().as_str(), "020 7946 0958");
//! assert_eq!(number.rfc3966().as_str(), "tel:+44-20-7946-0958");
//! assert_eq!(number.masked(2).as_str(), "+44 •• •••• ••58");
//!
//! let mut input = Input::new(Region::US);
//! let texts: Vec<String> = "2025550".chars().map(|c| input.push(c).to_owned()).collect();
//! assert_eq!(texts, ["2", "20", "202", "202-5", "202-55", "202-555", "202-5550"]);
//!
//! let example = Region::FR.example(Kind::Mobile).unwrap();
//! assert_eq!(example.national().as_str(), "06 12 34 56 78");
//! # Ok::<(), countersign::number::ParseError>(())
//! ```

mod example;
mod formatted;
mod input;
mod layout;
mod number;

pub use formatted::Formatted;
pub use input::Input;
pub(crate) use input::Row;
