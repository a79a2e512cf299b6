//! Lists of countries as columns of booleans, one row for each row of `data/regions.csv`: fast to
//! compare for a fuzzer, and unlike the library's representation.

use std::sync::LazyLock;

use countersign::Region;
use countersign::region::RegionSet;

/// Whether the code of each row is on the list.
pub type List = [bool; Region::COUNT];

pub const EMPTY: List = [false; Region::COUNT];

pub static DATA: LazyLock<Data> = LazyLock::new(Data::read);

/// The contents of `data/`.
pub struct Data {
    /// In the order of the rows.
    pub regions: Vec<Region>,
    /// For SMS and for WhatsApp.
    pub unsupported: [List; 2],
    /// The row of each pair of letters.
    rows: [[Option<u8>; 26]; 26],
}

impl Data {
    fn read() -> Self {
        let mut data = Self { regions: Vec::new(), unsupported: [EMPTY; 2], rows: [[None; 26]; 26] };
        for (row, code) in column(include_str!("../../../data/regions.csv")).enumerate() {
            let [a, b] = letters(&code).unwrap();
            data.rows[a][b] = Some(row.try_into().unwrap());
            data.regions.push(code.parse().unwrap());
        }
        assert_eq!(data.regions.len(), Region::COUNT, "the library has the regions of the file");
        let sms = column(include_str!("../../../data/sms_unsupported.csv"));
        let whatsapp = column(include_str!("../../../data/whatsapp_unsupported.csv"));
        data.unsupported = [data.list(sms), data.list(whatsapp)];
        data
    }

    /// Returns the row of a code, in either case, or `None` if it names no country.
    pub fn row(&self, code: &str) -> Option<usize> {
        let [a, b] = letters(code)?;
        self.rows[a][b].map(usize::from)
    }

    /// Returns the codes as a list, without unknown ones.
    pub fn list(&self, codes: impl IntoIterator<Item = impl AsRef<str>>) -> List {
        let mut list = EMPTY;
        codes.into_iter().filter_map(|code| self.row(code.as_ref())).for_each(|row| list[row] = true);
        list
    }

    /// Converts the library's set, region by region.
    pub fn read_set(&self, set: RegionSet) -> List {
        self.list(set.iter().map(Region::as_str))
    }

    /// Converts a list to the library's set.
    pub fn set(&self, list: &List) -> RegionSet {
        let on_it = self.regions.iter().zip(list).filter(|&(_, on_it)| *on_it);
        on_it.map(|(region, _)| *region).collect()
    }
}

pub fn both(a: &List, b: &List) -> List {
    std::array::from_fn(|row| a[row] && b[row])
}

pub fn either(a: &List, b: &List) -> List {
    std::array::from_fn(|row| a[row] || b[row])
}

fn letters(code: &str) -> Option<[usize; 2]> {
    let letter = |byte: u8| byte.is_ascii_alphabetic().then(|| usize::from(byte.to_ascii_uppercase() - b'A'));
    let [a, b] = *code.as_bytes() else { return None };
    Some([letter(a)?, letter(b)?])
}

fn column(file: &'static str) -> impl Iterator<Item = String> {
    csv::Reader::from_reader(file.as_bytes()).into_records().map(|row| row.unwrap()[0].to_owned())
}
