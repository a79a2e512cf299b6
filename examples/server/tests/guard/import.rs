//! Importing numbers.

use serde_json::{Value, json};

use crate::world::{REFUSED, World, stranger};

/// Imports lines, and returns the reports.
pub(crate) async fn import(world: &World, lines: String) -> Vec<Value> {
    let response = world.server.send(world.operator("POST", "import").body(lines)).await;
    assert_eq!(response.status().as_u16(), 200);
    let text = response.text().await.unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn imported_number_passes_in_the_closed_block() {
    let world = World::start("", &[]);
    let number = stranger(50);
    let reports = import(&world, format!("{number}\n")).await;
    assert_eq!(reports, [json!({ "done": true, "imported": 1, "rejected": 0, "rejected_lines": [] })]);
    world.pump().await;
    assert_eq!(world.login(&stranger(7)).await.error(), REFUSED);
    assert_eq!(world.login(&number).await.status, 200);
}

#[tokio::test]
async fn reports_progress_and_skips_what_is_no_number() {
    let world = World::start("", &[]);
    let mut lines = String::from("phone_number\r\n\n");
    for at in 0..2500 {
        lines += &format!("+1202{:07}\r\n", 2_000_000 + at);
    }
    lines += "+1202\n+12025550100";
    let reports = import(&world, lines).await;
    assert!(reports.len() > 1, "{reports:?}");
    let (last, earlier) = reports.split_last().unwrap();
    assert_eq!(last["done"], true);
    assert_eq!(
        (&last["imported"], &last["rejected"], &last["rejected_lines"]),
        (&json!(2501), &json!(2), &json!([1, 2503]))
    );
    let counts: Vec<_> = earlier.iter().map(|report| report["imported"].as_u64().unwrap()).collect();
    assert!(counts.is_sorted() && counts[0] >= 1000, "{counts:?}");
    assert!(earlier.iter().all(|report| report.get("done").is_none()));

    assert_eq!(import(&world, String::new()).await[0]["imported"], 0);
    let endless = import(&world, "7".repeat(1000)).await;
    assert_eq!(endless.last().unwrap()["error_type"], "bad_request");
}
