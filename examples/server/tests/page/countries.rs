//! The page of countries.

use crate::visit::{Page, allow, visit};
use countersign::region::RegionSet;
use countersign::{Channel, Policy, Region};
use countersign_server_tests::Server;
use thirtyfour::By;

#[tokio::test]
async fn counts_match_the_library() {
    let server = Server::dev(&[]);
    let mut policy = Policy::default();
    policy = policy.allow(Channel::Sms, [Region::FR, Region::DE]).unwrap();
    policy = policy.allow(Channel::WhatsApp, [Region::BR]).unwrap();
    allow(&server, "sms", &["US", "CA", "FR", "DE"]).await;
    allow(&server, "whatsapp", &["US", "CA", "BR"]).await;
    visit(&server, async |page| {
        page.open("/countries").await;
        page.sees("#shown", &format!("{} of {} countries", Region::COUNT, Region::COUNT)).await;
        for (name, channel) in [("sms", Channel::Sms), ("whatsapp", Channel::WhatsApp)] {
            let (allowed, unsupported) = (policy.allowed(channel), Policy::unsupported(channel));
            let refusable = RegionSet::ALL.difference(allowed).difference(unsupported);
            for (status, set) in
                [("allowed", allowed), ("unsupported", unsupported), ("refusable", refusable)]
            {
                let count =
                    page.text(&format!("#counts tr[data-status={status}] td[data-channel={name}]")).await;
                assert_eq!(count, set.len().to_string(), "{name} {status}");
                // The rows are these countries.
                page.choose("#show", &format!("{name} {status}")).await;
                page.sees("#shown", &format!("{count} of ")).await;
                let codes: Vec<String> = set.iter().map(|region| region.as_str().to_owned()).collect();
                let mut shown = shown(page).await;
                shown.sort();
                assert_eq!(shown, codes, "{name} {status}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn finds_countries_by_name_or_code() {
    let server = Server::dev(&[]);
    visit(&server, async |page| {
        page.open("/countries").await;
        page.sees("#shown", "252 of").await;
        for (words, found) in [("bahamas", "BS"), (" KOSOVO", "XK"), ("Ascension", "AC"), ("Côte", "CI")] {
            page.type_into("#filter", words).await;
            page.sees("#shown", "1 of").await;
            assert_eq!(shown(page).await, [found]);
            page.hears("1 of").await;
        }
        page.type_into("#filter", "united").await;
        page.sees("#list", "United Kingdom").await;
        assert_eq!(page.text("#list tr:not([hidden])[data-found*='united states us'] td").await, "Allowed");
        page.type_into("#filter", "nowhere").await;
        page.sees("#shown", "0 of").await;
    })
    .await;
}

async fn shown(page: &Page) -> Vec<String> {
    let mut codes = Vec::new();
    for code in page.driver.find_all(By::Css("#list tr:not([hidden]) .iso")).await.unwrap() {
        codes.push(code.text().await.unwrap());
    }
    codes
}
