use std::time::Duration;

use countersign::{Recipient, Timestamp};

use super::marks::MARKS;
use super::*;
use crate::documents::{DocumentEngine, Documents, MemoryDocuments};
use crate::secrets::Secrets;

pub(super) fn users() -> Users {
    Users::new(
        Documents::new(DocumentEngine::Memory(MemoryDocuments::default()), "project"),
        Secrets::new("a project's secret").unwrap(),
    )
}

pub(super) fn phone(number: &str) -> Recipient {
    Recipient::Phone(number.parse().unwrap())
}

const LOGIN: Call<'static> = Call::LoginOrCreate(Status::Active);
const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const LATE: Timestamp = Timestamp::from_unix_seconds(1_800_000_300);

async fn created(users: &Users, recipient: &Recipient) -> User {
    let made = users.create(std::slice::from_ref(recipient), Status::Pending, Profile::default(), NOW).await;
    made.unwrap().unwrap()
}

async fn named(users: &Users, user: &User, recipient: &Recipient, now: Timestamp) -> Result<Given, Refused> {
    users.give(Call::Send(Some(&user.user_id)), recipient, None, now).await.unwrap()
}

async fn proved(users: &Users, method_id: &str, recipient: &Recipient, now: Timestamp) -> Option<User> {
    users.prove(method_id, recipient, None, now).await.unwrap().map(|proved| proved.user)
}

async fn whose(users: &Users, recipient: &Recipient, now: Timestamp) -> Option<String> {
    match users.claims(recipient).await.unwrap().rule(Call::Send(None), now) {
        Ruling::Join(claim) => Some(claim.user_id.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn number_belongs_to_one_user() {
    let (users, number) = (users(), phone("+12025550162"));
    let user = created(&users, &number).await;
    assert_eq!(whose(&users, &number, NOW).await.unwrap(), user.user_id);
    let method = users.method(&user.contacts[0].method_id).await.unwrap().unwrap();
    assert_eq!(method.recipient(), Some(number.clone()));

    let email = Recipient::Email("ada@example.com".parse().unwrap());
    let both = [email.clone(), number.clone()];
    let second = users.create(&both, Status::Active, Profile::default(), NOW).await.unwrap();
    assert_eq!(second.unwrap_err(), number);
    assert_eq!(whose(&users, &email, NOW).await, None, "nothing is left of the refused user");
}

#[tokio::test]
async fn addresses_are_case_insensitive() {
    let users = users();
    let user = created(&users, &Recipient::Email("Ada@Example.com".parse().unwrap())).await;
    let other = Recipient::Email("ada@example.COM".parse().unwrap());
    assert_eq!(whose(&users, &other, NOW).await.unwrap(), user.user_id);
}

#[tokio::test]
async fn named_number_expires_after_five_minutes_unless_verified() {
    let (users, first, second) = (users(), phone("+12025550162"), phone("+12025550163"));
    let user = created(&users, &first).await;
    let given = named(&users, &user, &second, NOW).await.unwrap();
    let again = named(&users, &user, &second, NOW + Duration::from_secs(1)).await.unwrap();
    assert_eq!(again.method_id, given.method_id);

    let contacts = async |now| users.user(&user.user_id).await.unwrap().unwrap().contacts(now).count();
    assert_eq!((contacts(NOW).await, contacts(LATE).await), (2, 1));
    assert!(proved(&users, &given.method_id, &second, LATE).await.is_none());

    let user = proved(&users, &given.method_id, &second, NOW).await.unwrap();
    assert_eq!(user.status, Status::Active);
    assert!(user.is_verified(&given.method_id) && contacts(LATE).await == 2);
    assert_eq!(whose(&users, &second, LATE).await.unwrap(), user.user_id);
}

#[tokio::test]
async fn number_belongs_to_the_first_user_to_verify_it() {
    let (users, number) = (users(), phone("+12025550163"));
    let user = created(&users, &phone("+12025550162")).await;
    let other = created(&users, &phone("+12025550164")).await;
    let theirs = named(&users, &user, &number, NOW).await.unwrap();
    let ours = named(&users, &other, &number, NOW).await.unwrap();
    assert_ne!(theirs.method_id, ours.method_id);
    assert!(proved(&users, &ours.method_id, &number, NOW).await.is_some());
    assert!(proved(&users, &theirs.method_id, &number, NOW).await.is_none());
    assert_eq!(named(&users, &user, &number, NOW).await.unwrap_err(), Refused::Taken);
    let user = users.user(&user.user_id).await.unwrap().unwrap();
    assert_eq!(user.contacts.len(), 1, "the contact goes with its claim");
}

#[tokio::test]
async fn limits_unverified_contacts() {
    let users = users();
    let user = created(&users, &phone("+12025550100")).await;
    for last in 1..MAX_UNVERIFIED {
        let number = phone(&format!("+1202555010{last}"));
        assert!(named(&users, &user, &number, NOW).await.is_ok());
        assert!(named(&users, &user, &number, NOW).await.is_ok());
    }
    let surplus = phone("+12025550199");
    let call = Call::Send(Some(&user.user_id));
    assert_eq!(users.admit(call, &surplus, NOW).await.unwrap(), Err(Refused::TooMany));
    assert_eq!(named(&users, &user, &surplus, NOW).await.unwrap_err(), Refused::TooMany);
    assert!(named(&users, &user, &surplus, LATE).await.is_ok());
    let nobody = Call::Send(Some("user-test-none"));
    assert_eq!(users.admit(nobody, &surplus, NOW).await.unwrap(), Err(Refused::NoUser));
    assert_eq!(users.give(nobody, &surplus, None, NOW).await.unwrap().unwrap_err(), Refused::NoUser);
}

#[tokio::test]
async fn recognises_codes_that_were_sent() {
    let (users, number) = (users(), phone("+12025550162"));
    let send = async |code: &str| users.give(LOGIN, &number, Some(code), NOW).await.unwrap().unwrap();
    send("111111").await;
    let method_id = send("222222").await.method_id;
    let was = async |code, newest| users.was_sent_before(&method_id, &number, code, newest).await.unwrap();
    assert!(was("111111", false).await && was("111111", true).await && was("222222", true).await);
    assert!(!was("222222", false).await && !was("333333", true).await);
    for code in 0..MARKS {
        send(&format!("90000{code}")).await;
    }
    assert!(!was("111111", true).await, "the number of marks is limited");
}

#[tokio::test]
async fn concurrent_users_get_a_number_once() {
    let (users, number) = (users(), phone("+12025550163"));
    let mut tasks = Vec::new();
    for last in 0..8 {
        let user = created(&users, &phone(&format!("+1202555012{last}"))).await;
        let (users, number) = (users.clone(), number.clone());
        tasks.push(tokio::spawn(async move {
            let given = named(&users, &user, &number, NOW).await;
            match given {
                Ok(given) => proved(&users, &given.method_id, &number, NOW).await.is_some(),
                Err(refused) => {
                    assert_eq!(refused, Refused::Taken);
                    false
                }
            }
        }));
    }
    let mut winners = 0;
    for task in tasks {
        winners += usize::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
}

/// A server stopped between the swaps of the claim and its user, and someone else verified the user
/// meanwhile.
#[tokio::test]
async fn number_gets_its_own_user_if_someone_else_verified_it() {
    let (users, ours, theirs) = (users(), phone("+12025550162"), phone("+12025550163"));
    let given = users.give(LOGIN, &ours, None, NOW).await.unwrap().unwrap();
    let user = users.user(&given.user_id).await.unwrap().unwrap();
    let other = named(&users, &user, &theirs, NOW).await.unwrap();
    assert!(users.verify(&given.method_id, &ours, NOW).await.unwrap().is_some());
    let taken = proved(&users, &other.method_id, &theirs, NOW).await.unwrap();
    assert_eq!(taken.user_id, given.user_id);

    // The claim was removed with its contact, or it leads to a user of its own.
    let again = users.give(LOGIN, &ours, None, NOW).await.unwrap().unwrap();
    let own = proved(&users, &again.method_id, &ours, NOW).await.unwrap();
    assert_ne!(own.user_id, taken.user_id);
    assert_eq!(whose(&users, &ours, LATE).await.unwrap(), own.user_id);

    // A claim whose user was deleted.
    let number = phone("+12025550164");
    let given = users.give(LOGIN, &number, None, NOW).await.unwrap().unwrap();
    users.drop_document::<User>(&user_key(&given.user_id)).await.unwrap();
    let own = proved(&users, &given.method_id, &number, NOW).await.unwrap();
    assert_eq!(whose(&users, &number, LATE).await.unwrap(), own.user_id);
    assert!(own.is_verified(&given.method_id));
}

#[test]
fn debug_hides_numbers() {
    let contact = Contact::new(&phone("+12025550162"), By::Host, None);
    let user = User::new(Status::Active, vec![contact], Profile::default(), NOW);
    assert!(!format!("{user:?} {:?}", user.contacts).contains("2025550162"));
}
