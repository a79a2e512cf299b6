//! `countersign audit`: its summary and its formats. Its rows are tested in `audit.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::answers;

/// 10,000 numbers, and lines that are none.
fn lines() -> String {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/corpus/numbers.txt");
    let numbers = fs::read_to_string(corpus).unwrap();
    let mut lines = String::new();
    for (place, number) in numbers.lines().enumerate() {
        lines.push_str(match place % 10 {
            3 => "nonsense",
            7 => "a \"quoted\", field",
            _ => number,
        });
        lines.push('\n');
    }
    lines
}

#[test]
fn summary_counts_the_rows() {
    for channel in ["sms", "whatsapp"] {
        let arguments = ["audit", "--channel", channel, "--allow", "US,FR,GB"];
        let mut counts = BTreeMap::<_, u32>::new();
        for row in answers(&arguments, lines()).lines().skip(1) {
            let fields: Vec<_> = row.rsplitn(5, ',').collect();
            let [reason, decision, _, region, _] = fields[..] else { panic!("{row}") };
            *counts.entry((region.to_owned(), reason.to_owned(), decision.to_owned())).or_default() += 1;
        }
        let rows = counts
            .iter()
            .map(|((region, reason, decision), count)| format!("{region},{decision},{reason},{count}\n"));
        let expected = format!("region,decision,reason,numbers\n{}", rows.collect::<String>());
        assert_eq!(answers(&[&arguments[..], &["--summary"]].concat(), lines()), expected);
        assert!(counts.len() > 200);
    }
}

#[test]
fn json_lines_say_what_the_csv_says() {
    let csv = answers(&["audit"], lines());
    let json = answers(&["audit", "--format", "jsonl"], lines());
    let rows = csv.lines().skip(1);
    assert_eq!(rows.clone().count(), json.lines().count());
    for (row, object) in rows.zip(json.lines()) {
        let object: serde_json::Value = serde_json::from_str(object).unwrap();
        let keys = ["input", "number", "region", "kind", "decision", "reason"];
        let mut fields = keys.map(|key| object[key].as_str().unwrap_or_default().to_owned());
        if fields[0].contains('"') {
            fields[0] = format!("\"{}\"", fields[0].replace('"', "\"\""));
        }
        assert_eq!(fields.join(","), row);
        assert!(object["kind"].is_null() == object["number"].is_null(), "{object}");
    }
}

#[test]
fn summary_has_both_formats() {
    let input = "+12025550162\n+12025550163\nx\n";
    assert_eq!(
        answers(&["audit", "--summary", "--format", "jsonl"], input),
        "{\"region\":null,\"decision\":\"deny\",\"reason\":\"invalid_phone_number:missing_plus\",\"numbers\":1}\n\
         {\"region\":\"US\",\"decision\":\"allow\",\"reason\":null,\"numbers\":2}\n"
    );
}
