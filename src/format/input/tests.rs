extern crate alloc;
use super::*;
use alloc::{format, string::String, string::ToString, vec::Vec};

fn typed(mut input: Input, text: &str) -> Vec<String> {
    text.chars().map(|c| input.push(c).to_string()).collect()
}

#[test]
fn punctuation_stays_as_typed() {
    assert_eq!(typed(Input::new(Region::US), "(202)5").last().unwrap(), "(202)5");
    assert_eq!(typed(Input::new(Region::US), "202-5550").last().unwrap(), "202-5550");
    assert_eq!(typed(Input::new(Region::US), "2025550x").last().unwrap(), "2025550x");
}

#[test]
fn digits_of_other_scripts_count() {
    assert_eq!(typed(Input::new(Region::US), "２０２５"), ["２", "２０", "202", "202-5"]);
    assert_eq!(typed(Input::international(), "\u{FF0B}１２０２５").last().unwrap(), "+1 202-5");
    let mut input = Input::new(Region::EG);
    "٠١٠٠١٢٣٤٥٦٧".chars().for_each(|c| _ = input.push(c));
    assert_eq!(input.number().unwrap().to_string(), "+201001234567");
}

#[test]
fn ignores_what_follows_64_bytes() {
    let mut input = Input::new(Region::DE);
    for _ in 0..1000 {
        input.push('1');
    }
    assert_eq!(input.as_str(), "1".repeat(64));
    for _ in 0..61 {
        input.pop();
    }
    assert_eq!(input.as_str(), "111");
    for _ in 0..5 {
        input.pop();
    }
    assert_eq!(input.as_str(), "");
    assert_eq!(input.push('é'), "é");
    assert_eq!(input.pop(), "");
}

/// A smaller character after one without room would otherwise look typed in its place.
#[test]
fn ignores_all_that_follows_a_character_without_room() {
    let mut input = Input::international();
    let text = format!("{}€b€c", "a".repeat(63));
    assert_eq!(typed(input.clone(), &text).last().unwrap(), &"a".repeat(63));
    text.chars().for_each(|c| _ = input.push(c));
    input.pop();
    assert_eq!(input.push('b'), format!("{}b", "a".repeat(62)));
}

#[test]
fn takes_about_700_bytes() {
    assert!((600..=760).contains(&size_of::<Input>()), "{}", size_of::<Input>());
}

#[test]
fn debug_hides_the_text() {
    let mut input = Input::new(Region::DE);
    input.push('0');
    assert_eq!(format!("{input:?}"), "Input { region: Some(DE), .. }");
    assert_eq!(format!("{input:>3}"), "  0");
}
