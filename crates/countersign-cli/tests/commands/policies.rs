//! `--policy`, `countersign policy check` and `countersign diff`.

use std::fs;
use std::path::PathBuf;

use crate::{answers, complaint};

/// A policy file in a folder of its own.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

#[test]
fn shows_what_a_policy_allows() {
    let file = File::new("shown.toml", "[sms]\nallow = ['FR', 'US']\ndeny = ['GP']\nunallocated = true\n");
    assert_eq!(
        answers(&["policy", "check", file.path()], ""),
        format!(
            "{}: valid\n\
             sms:\n  allow        FR US\n  deny         GP\n  \
             kinds        mobile fixed_line_or_mobile voip\n  unallocated  allowed\n\
             whatsapp:\n  allow        CA US\n  deny         none\n  \
             kinds        fixed_line mobile fixed_line_or_mobile voip\n  unallocated  denied\n",
            file.path()
        )
    );
}

#[test]
fn shows_that_no_kind_is_allowed() {
    let file = File::new("kinds.toml", "[sms]\nallow = ['US']\nkinds = []\n");
    let shown = answers(&["policy", "check", file.path()], "");
    assert!(shown.contains("\n  deny         none\n  kinds        none\n  unallocated  denied\n"), "{shown}");
}

#[test]
fn errors_name_the_place_and_what_would_be_right() {
    for (name, text, place, message) in [
        ("field.toml", "[sms]\n\nalow = []\n", "3:1", "expected one of `allow`, `deny`, `kinds`"),
        ("section.toml", "[sms]\n[email]\n", "2:2", "expected `sms` or `whatsapp`"),
        ("code.toml", "[sms]\nallow = ['US', 'ZZ']\n", "2:16", "ZZ is not an ISO 3166-1 alpha-2 code"),
        ("russia.toml", "\n[sms]\nallow = ['US', 'RU']\n", "3:9", "unsupported countries: RU"),
        ("empty.toml", "[sms]\nallow = []\n", "2:9", "name at least one country"),
        ("kind.toml", "[sms]\nkinds = ['fax']\n", "2:10", "expected one of fixed_line, mobile,"),
        ("type.toml", "[sms]\nunallocated = 1\n", "2:15", "expected a boolean"),
        ("characters.toml", "[sms]\nallow = ['é' 'a']\n", "2:14", "missing comma"),
        ("number.toml", "sms = 1\n", "1:7", "expected the rules of a channel with some of the fields"),
        ("twice.toml", "[sms]\ndeny = ['GP']\ndeny = []\n", "3:1", "duplicate key"),
        ("syntax.toml", "[sms]\nallow = ['US'\n", "", "array"),
    ] {
        let file = File::new(name, text);
        let complaint = complaint(2, &["policy", "check", file.path()]);
        assert!(complaint.starts_with(&format!("error: {}:{place}", file.path())), "{complaint}");
        assert!(complaint.contains(message) && complaint.lines().count() == 1, "{complaint}");
        assert!(!complaint.trim_end().ends_with(';') && !complaint.ends_with(" \n"), "{complaint}");
    }
    let file = File::new("bytes.toml", b"[sms]\n# \xFF\n");
    assert_eq!(
        complaint(2, &["policy", "check", file.path()]),
        format!("error: {}:2:3: not UTF-8, as TOML must be\n", file.path())
    );
}

#[test]
fn files_that_cannot_be_read_exit_with_1() {
    for arguments in [
        &["policy", "check", "no such file"][..],
        &["audit", "--policy", "no such file"],
        &["number", "+12025550162", "--policy", "no such file"],
        &["diff", "no such file", "no such file"],
    ] {
        let complaint = complaint(1, arguments);
        assert!(complaint.starts_with("error: no such file: "), "{complaint}");
    }
}

#[test]
fn audit_and_number_follow_the_policy() {
    let file = File::new("france.toml", "[sms]\nallow = ['FR']\n");
    let rows = answers(&["audit", "--policy", file.path()], "+33612345678\n+12025550162\n");
    assert!(rows.contains(",FR,mobile,allow,\n"), "{rows}");
    assert!(rows.ends_with(",deny,invalid_phone_number_country_code:country_not_allowed\n"), "{rows}");
    let shown = answers(&["number", "+33612345678", "--policy", file.path()], "");
    assert!(shown.contains("sms            allow\nwhatsapp       deny "), "{shown}");
    assert!(!complaint(2, &["audit", "--policy", file.path(), "--allow", "FR"]).is_empty());
}

#[test]
fn diff_counts_changed_decisions_by_region() {
    let old = File::new("old.toml", "[sms]\nallow = ['US', 'CA']\n[whatsapp]\nallow = ['FR']\n");
    let new = File::new("new.toml", "[sms]\nallow = ['US', 'FR']\n[whatsapp]\nallow = ['FR']\n");
    let numbers = "+12025550162\n+14165550123\nnonsense\n\n+33612345678\r\n+33612345679";
    let header = "channel,region,old,new,numbers\n";
    let changes = "sms,CA,allow,invalid_phone_number_country_code:country_not_allowed,1\n\
                   sms,FR,invalid_phone_number_country_code:country_not_allowed,allow,2\n";
    let arguments = ["diff", old.path(), new.path()];
    assert_eq!(answers(&arguments, numbers), format!("{header}{changes}"));
    assert_eq!(
        answers(&[&arguments[..], &["--channel", "sms"]].concat(), numbers),
        format!("{header}{changes}")
    );
    assert_eq!(answers(&[&arguments[..], &["--channel", "whatsapp"]].concat(), numbers), header);
    assert_eq!(answers(&["diff", old.path(), old.path()], numbers), header);
}
