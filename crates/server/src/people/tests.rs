use super::marks::MARKS;
use super::*;
use crate::documents::{Keeper, MemoryDocuments};

fn people() -> People {
    People::new(
        Documents::new(Keeper::Memory(MemoryDocuments::default()), "project"),
        Secrets::new("a project's secret"),
    )
}

fn phone(number: &str) -> Recipient {
    Recipient::Phone(number.parse().unwrap())
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

async fn created(people: &People, recipient: &Recipient) -> User {
    let made = people.create(std::slice::from_ref(recipient), Status::Pending, Profile::default(), NOW).await;
    made.unwrap().unwrap()
}

#[tokio::test]
async fn a_number_is_one_users() {
    let (people, number) = (people(), phone("+12025550162"));
    let user = created(&people, &number).await;
    let claim = people.claim(&number, NOW).await.unwrap().unwrap();
    assert_eq!((&claim.user_id, &claim.method_id), (&user.user_id, &user.contacts[0].method_id));
    let method = people.method(&claim.method_id).await.unwrap().unwrap();
    assert_eq!(method.recipient(), Some(number.clone()));

    let email = Recipient::Email("ada@example.com".parse().unwrap());
    let second =
        people.create(&[email.clone(), number], Status::Active, Profile::default(), NOW).await.unwrap();
    assert_eq!(second.unwrap_err().0.user_id, user.user_id);
    assert!(
        people.claim(&email, NOW).await.unwrap().is_none(),
        "nothing is left of the user who was not made"
    );
}

#[tokio::test]
async fn addresses_that_differ_in_case_are_one() {
    let people = people();
    created(&people, &Recipient::Email("Ada@Example.com".parse().unwrap())).await;
    let other = Recipient::Email("ada@example.COM".parse().unwrap());
    assert!(people.claim(&other, NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn a_new_number_of_a_user_stays_five_minutes_unless_it_is_verified() {
    let (people, first, second) = (people(), phone("+12025550162"), phone("+12025550163"));
    let user = created(&people, &first).await;
    let other = created(&people, &phone("+12025550164")).await;
    let method_id = people.attach(&user.user_id, &second, NOW).await.unwrap().unwrap();
    let again = people.attach(&user.user_id, &second, NOW + Duration::from_secs(1)).await.unwrap().unwrap();
    assert_eq!(again, method_id);
    assert!(matches!(people.attach(&other.user_id, &second, NOW).await.unwrap(), Err(NotAttached::Taken)));

    let late = NOW + UNVERIFIED;
    let user_id = &user.user_id;
    let held = |user: User, now| user.contacts(now).count();
    assert_eq!(held(people.user(user_id).await.unwrap().unwrap(), NOW), 2);
    assert_eq!(held(people.user(user_id).await.unwrap().unwrap(), late), 1);
    assert!(people.claim(&second, late).await.unwrap().is_none());
    assert!(people.verified(&method_id, &second, late).await.unwrap().is_none());

    let user = people.verified(&method_id, &second, NOW).await.unwrap().unwrap();
    assert_eq!(user.status, Status::Active);
    assert!(user.is_verified(&method_id) && held(user, late) == 2);
    assert!(people.claim(&second, late).await.unwrap().is_some());
}

#[tokio::test]
async fn a_number_whose_time_is_over_can_be_another_s() {
    let (people, number) = (people(), phone("+12025550163"));
    let user = created(&people, &phone("+12025550162")).await;
    let other = created(&people, &phone("+12025550164")).await;
    let theirs = people.attach(&user.user_id, &number, NOW).await.unwrap().unwrap();
    let late = NOW + UNVERIFIED;
    let ours = people.attach(&other.user_id, &number, late).await.unwrap().unwrap();
    assert_ne!(theirs, ours);
    assert!(people.verified(&theirs, &number, late).await.unwrap().is_none());
    assert!(people.verified(&ours, &number, late).await.unwrap().is_some());
}

#[tokio::test]
async fn a_user_has_at_most_so_many_unverified() {
    let people = people();
    let user = created(&people, &phone("+12025550100")).await;
    for last in 1..MOST_UNVERIFIED {
        let number = phone(&format!("+1202555010{last}"));
        assert!(people.attach(&user.user_id, &number, NOW).await.unwrap().is_ok());
    }
    let surplus = phone("+12025550199");
    assert!(matches!(people.attach(&user.user_id, &surplus, NOW).await.unwrap(), Err(NotAttached::TooMany)));
    assert!(matches!(people.could_attach(&user.user_id, NOW).await.unwrap(), Err(NotAttached::TooMany)));
    assert!(people.claim(&surplus, NOW).await.unwrap().is_none());
    assert!(people.attach(&user.user_id, &surplus, NOW + UNVERIFIED).await.unwrap().is_ok());
    assert!(matches!(
        people.attach("user-test-none", &surplus, NOW).await.unwrap(),
        Err(NotAttached::NoUser)
    ));
}

#[tokio::test]
async fn codes_that_were_sent_are_told_from_those_that_never_were() {
    let (people, number) = (people(), phone("+12025550162"));
    let method_id = created(&people, &number).await.contacts[0].method_id.clone();
    for code in ["111111", "222222"] {
        people.remember(&number, code, NOW).await.unwrap();
    }
    let was = async |code, newest| people.was_sent_before(&method_id, &number, code, newest).await.unwrap();
    assert!(was("111111", false).await && was("111111", true).await && was("222222", true).await);
    assert!(!was("222222", false).await && !was("333333", true).await);
    for code in 0..MARKS {
        people.remember(&number, &format!("90000{code}"), NOW).await.unwrap();
    }
    assert!(!was("111111", true).await, "the list has an end");
}

#[tokio::test]
async fn of_many_who_want_a_number_at_once_one_gets_it() {
    let (people, number) = (people(), phone("+12025550163"));
    let mut users = Vec::new();
    for last in 0..8 {
        users.push(created(&people, &phone(&format!("+1202555012{last}"))).await);
    }
    let tasks: Vec<_> = users
        .into_iter()
        .map(|user| {
            let (people, number) = (people.clone(), number.clone());
            tokio::spawn(async move { people.attach(&user.user_id, &number, NOW).await.unwrap().is_ok() })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        winners += usize::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
}

#[test]
fn debug_shows_no_number() {
    let user =
        User::new(Status::Active, vec![Contact::new(&phone("+12025550162"), None)], Profile::default(), NOW);
    assert!(!format!("{user:?} {:?}", user.contacts).contains("2025550162"));
}
