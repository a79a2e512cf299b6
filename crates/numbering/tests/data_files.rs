//! What lies in `data/` is what the metadata says, to the byte. A newer crate `phonenumber` shows here as a
//! difference that a person can read; `cargo run -p countersign-numbering` takes it over.

use countersign_numbering::files;

#[test]
fn data_is_up_to_date() {
    let codes = files::corrected_calling_codes().unwrap();
    for file in files::data_files(&codes).unwrap() {
        let difference = file.difference().unwrap();
        assert_eq!(
            difference, None,
            "{} differs; cargo run -p countersign-numbering writes it anew",
            file.name
        );
    }
}
