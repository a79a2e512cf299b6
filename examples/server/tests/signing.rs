//! Session JWTs: all servers on an engine share one secret key, and nothing else verifies.

#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test has std, and fails by panicking"
)]

use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::Timestamp;
use countersign_server::documents::{DocumentEngine, Documents, Key, MemoryDocuments, Revision, Written};
use countersign_server::signing::Signer;
use serde_json::{Value, json};

const PROJECT: &str = "project-test-1";
const ISSUER: &str = "stytch.com/project-test-1";
const SECRET: &[u8] = b"secret of the servers";
const NOW: u64 = 1_795_000_000;

fn engine() -> Documents {
    Documents::new(DocumentEngine::Memory(MemoryDocuments::default()), "project")
}

async fn signer(documents: &Documents) -> Signer {
    Signer::shared(documents, PROJECT, SECRET).await.unwrap()
}

fn claims() -> Value {
    json!({"aud": [PROJECT], "iss": ISSUER, "sub": "user", "iat": NOW, "nbf": NOW, "exp": NOW + 300})
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn place() -> Key {
    Key::new("signing-key", PROJECT)
}

async fn kept(documents: &Documents) -> (Value, Revision) {
    let document = documents.read::<Value>(&place()).await.unwrap().unwrap();
    (document.value, document.revision)
}

async fn replace(documents: &Documents, value: &Value) {
    let (_, revision) = kept(documents).await;
    assert_eq!(documents.write(&place(), revision, value, None).await.unwrap(), Written::Applied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_start_together_share_one_key() {
    let documents = engine();
    let starting: Vec<_> = (0..8)
        .map(|_| {
            let documents = documents.clone();
            tokio::spawn(async move { signer(&documents).await })
        })
        .collect();
    let mut signers = Vec::new();
    for one in starting {
        signers.push(one.await.unwrap());
    }
    let jwts: Vec<_> = signers.iter().map(|signer| signer.sign(&claims()).unwrap()).collect();
    for signer in &signers {
        assert_eq!(signer.jwks(), signers[0].jwks());
        for jwt in &jwts {
            assert_eq!(signer.verify(jwt, PROJECT, ISSUER, at(NOW)), Some(claims()));
        }
    }
    assert_eq!(kept(&documents).await.0["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn reports_a_different_secret_at_start() {
    let documents = engine();
    let first = signer(&documents).await;
    let error = Signer::shared(&documents, PROJECT, b"secret of some others").await.unwrap_err();
    let kid = &first.jwks().keys[0].kid;
    assert_eq!(
        error.to_string(),
        format!(
            "the signing key in the engine was encrypted with another SECRET (key {kid}): start this server with the same SECRET as the others"
        )
    );
    let error = Signer::shared(&documents, PROJECT, b"short").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "SECRET has 5 bytes: at least 16 are needed, because it encrypts the signing key"
    );
    assert_eq!(signer(&documents).await.jwks(), first.jwks(), "the failed starts changed nothing");
}

#[tokio::test]
async fn engine_never_holds_the_key_in_clear_text() {
    let documents = engine();
    let signer = signer(&documents).await;
    let (value, _) = kept(&documents).await;
    let key = &value["keys"][0];
    assert_eq!(key["kid"], signer.jwks().keys[0].kid);
    let sealed = STANDARD.decode(key["sealed"].as_str().unwrap()).unwrap();
    assert!(sealed.len() > 1100, "PKCS#8 of a 2048-bit key, a nonce and a tag");
    let modulus = serde_json::to_value(signer.jwks()).unwrap()["keys"][0]["n"].clone();
    let modulus = URL_SAFE_NO_PAD.decode(modulus.as_str().unwrap()).unwrap();
    // A clear-text key would contain its modulus and the object identifier of RSA.
    let holds = |part: &[u8]| sealed.windows(part.len()).any(|window| window == part);
    assert!(!holds(&modulus[..8]));
    assert!(!holds(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]));
    assert_eq!(format!("{signer:?}"), format!("[{:?}]", signer.jwks().keys[0].kid));
}

#[tokio::test]
async fn rejects_altered_keys_in_the_engine() {
    let documents = engine();
    let _ = signer(&documents).await;
    let (good, _) = kept(&documents).await;
    let sealed = STANDARD.decode(good["keys"][0]["sealed"].as_str().unwrap()).unwrap();
    let with = |field: &str, text: String| {
        let mut value = good.clone();
        value["keys"][0][field] = text.into();
        value
    };
    let mut altered = vec![with("kid", "another".to_owned())];
    for place in [0, 12, 600, sealed.len() - 1] {
        let mut bytes = sealed.clone();
        bytes[place] ^= 1;
        altered.push(with("sealed", STANDARD.encode(bytes)));
    }
    for value in &altered {
        replace(&documents, value).await;
        let error = Signer::shared(&documents, PROJECT, SECRET).await.unwrap_err();
        assert!(error.to_string().contains("encrypted with another SECRET"), "{error}");
    }
    let odd = [json!({"keys": []}), with("sealed", "?".to_owned()), with("sealed", "AAAA".to_owned())];
    for value in &odd {
        replace(&documents, value).await;
        let error = Signer::shared(&documents, PROJECT, SECRET).await.unwrap_err();
        assert!(error.to_string().contains("is malformed"), "{error}");
    }
    // Another project's key in place of this one's.
    let other = engine();
    let _ = Signer::shared(&other, "project-test-2", SECRET).await.unwrap();
    let foreign = other.read::<Value>(&Key::new("signing-key", "project-test-2")).await.unwrap().unwrap();
    replace(&documents, &foreign.value).await;
    assert!(Signer::shared(&documents, PROJECT, SECRET).await.is_err());
    replace(&documents, &good).await;
    let _ = signer(&documents).await;
}

#[tokio::test]
async fn jwt_is_valid_for_its_time_audience_and_issuer() {
    let signer = signer(&engine()).await;
    let jwt = signer.sign(&claims()).unwrap();
    let good =
        |audience: &str, issuer: &str, now: Timestamp| signer.verify(&jwt, audience, issuer, now).is_some();
    assert!(good(PROJECT, ISSUER, at(NOW)));
    assert!(good(PROJECT, ISSUER, at(NOW - 5)), "clock skew is tolerated");
    assert!(!good(PROJECT, ISSUER, at(NOW - 6)));
    assert!(good(PROJECT, ISSUER, Timestamp::from_unix_millis((NOW + 300) * 1000 - 1)));
    assert!(!good(PROJECT, ISSUER, at(NOW + 300)));
    assert!(!good(PROJECT, ISSUER, Timestamp::MAX));
    assert!(!good("project-test-2", ISSUER, at(NOW)));
    assert!(!good(PROJECT, "stytch.com/project-test-2", at(NOW)));
    for missing in ["aud", "iss", "exp", "nbf"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(missing);
        let jwt = signer.sign(&claims).unwrap();
        assert_eq!(signer.verify(&jwt, PROJECT, ISSUER, at(NOW)), None, "without {missing}");
    }
    for (claim, odd) in
        [("exp", json!("never")), ("exp", json!(-1)), ("exp", json!(u64::MAX)), ("nbf", json!(null))]
    {
        let mut claims = claims();
        claims[claim] = odd.clone();
        let jwt = signer.sign(&claims).unwrap();
        assert_eq!(signer.verify(&jwt, PROJECT, ISSUER, at(NOW)), None, "{claim} {odd}");
    }
    assert!(signer.sign(&"no object").is_err());
}

#[tokio::test]
async fn rejects_other_keys_and_algorithms() {
    let documents = engine();
    let signer = signer(&documents).await;
    let jwt = signer.sign(&claims()).unwrap();
    let [header, payload, signature] = jwt.split('.').collect::<Vec<_>>().try_into().unwrap();
    let rejected =
        |jwt: &str, why: &str| assert_eq!(signer.verify(jwt, PROJECT, ISSUER, at(NOW)), None, "{why}");
    let kid = &signer.jwks().keys[0].kid;
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());

    let mut forged = claims();
    forged["sub"] = "somebody else".into();
    rejected(&format!("{header}.{}.{signature}", encode(&forged)), "altered claims");
    for alg in ["none", "None", "NONE", "HS256", "RS384", "RS512", "PS256", "ES256"] {
        let header = encode(&json!({"typ": "JWT", "alg": alg, "kid": kid}));
        rejected(&format!("{header}.{payload}."), alg);
        rejected(&format!("{header}.{payload}.{signature}"), alg);
    }
    // The public key used as an HMAC key, in the forms in which it is known.
    let public = serde_json::to_value(signer.jwks()).unwrap()["keys"][0].clone();
    let modulus = URL_SAFE_NO_PAD.decode(public["n"].as_str().unwrap()).unwrap();
    for secret in [
        modulus,
        public["n"].as_str().unwrap().as_bytes().to_vec(),
        public.to_string().into_bytes(),
        Vec::new(),
    ] {
        let header = jsonwebtoken::Header { kid: Some(kid.clone()), ..Default::default() };
        let key = jsonwebtoken::EncodingKey::from_secret(&secret);
        rejected(&jsonwebtoken::encode(&header, &claims(), &key).unwrap(), "HS256 with the public key");
    }
    // Another key: under this key's id, with the key in the header, and under an id of its own.
    let stranger = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let mut own = public.clone();
    own["n"] =
        URL_SAFE_NO_PAD.encode(stranger.public_key().modulus().big_endian_without_leading_zero()).into();
    for header in [
        json!({"typ": "JWT", "alg": "RS256", "kid": kid}),
        json!({"typ": "JWT", "alg": "RS256", "kid": kid, "jwk": own}),
        json!({"typ": "JWT", "alg": "RS256", "kid": "a stranger's", "jwk": own}),
        json!({"typ": "JWT", "alg": "RS256"}),
    ] {
        let signed = format!("{}.{payload}", encode(&header));
        let mut signature = vec![0; stranger.public_modulus_len()];
        let (padding, random) =
            (&aws_lc_rs::signature::RSA_PKCS1_SHA256, aws_lc_rs::rand::SystemRandom::new());
        stranger.sign(padding, &random, signed.as_bytes(), &mut signature).unwrap();
        rejected(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)), &header.to_string());
    }
    for odd in ["", ".", "..", "a.b", "a.b.c", &jwt[..jwt.len() - 1], &format!("{jwt}A"), &format!("{jwt}.x")]
    {
        rejected(odd, odd);
    }
}

/// Decrypts the engine's first key, as anyone who knows the secret can. The format is public and
/// stable.
async fn opened(documents: &Documents) -> aws_lc_rs::rsa::KeyPair {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let (value, _) = kept(documents).await;
    let mut sealed = STANDARD.decode(value["keys"][0]["sealed"].as_str().unwrap()).unwrap();
    let salt = aws_lc_rs::hkdf::Salt::new(aws_lc_rs::hkdf::HKDF_SHA256, b"countersign-server signing-key");
    let secret = salt.extract(SECRET);
    let key = UnboundKey::from(secret.expand(&[PROJECT.as_bytes()], &AES_256_GCM).unwrap());
    let (nonce, sealed) = sealed.split_at_mut(12);
    let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
    let kid = Aad::from(value["keys"][0]["kid"].as_str().unwrap());
    let clear = LessSafeKey::new(key).open_in_place(nonce, kid, sealed).unwrap();
    aws_lc_rs::rsa::KeyPair::from_pkcs8(clear).unwrap()
}

#[tokio::test]
async fn key_verifies_only_rs256() {
    use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding};
    let documents = engine();
    let signer = signer(&documents).await;
    let pair = opened(&documents).await;
    let algorithms: [(_, &'static dyn RsaEncoding, _); 3] = [
        ("RS256", &RSA_PKCS1_SHA256, true),
        ("RS512", &RSA_PKCS1_SHA512, false),
        ("PS256", &RSA_PSS_SHA256, false),
    ];
    for (alg, encoding, good) in algorithms {
        let header = json!({"alg": alg, "kid": signer.jwks().keys[0].kid}).to_string();
        let mut jwt = [header, claims().to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &aws_lc_rs::rand::SystemRandom::new(), jwt.as_bytes(), &mut signature).unwrap();
        jwt = format!("{jwt}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(signer.verify(&jwt, PROJECT, ISSUER, at(NOW)).is_some(), good, "{alg}");
    }
}

#[tokio::test]
async fn first_key_signs_and_all_keys_verify() {
    let (old, new) = (engine(), engine());
    let old_signer = signer(&old).await;
    let new_signer = signer(&new).await;
    let (old_keys, new_keys) = (kept(&old).await.0, kept(&new).await.0);
    let both = json!({"keys": [new_keys["keys"][0], old_keys["keys"][0]]});
    replace(&old, &both).await;
    let signer = signer(&old).await;
    assert_eq!(signer.jwks().keys, [new_signer.jwks().keys.clone(), old_signer.jwks().keys.clone()].concat());
    for jwt in [old_signer.sign(&claims()).unwrap(), new_signer.sign(&claims()).unwrap()] {
        assert!(signer.verify(&jwt, PROJECT, ISSUER, at(NOW)).is_some());
    }
    let jwt = signer.sign(&claims()).unwrap();
    assert!(new_signer.verify(&jwt, PROJECT, ISSUER, at(NOW)).is_some());
    assert!(old_signer.verify(&jwt, PROJECT, ISSUER, at(NOW)).is_none());
}

#[tokio::test]
async fn published_key_verifies_with_another_implementation() {
    let signer = signer(&engine()).await;
    let jwks = serde_json::to_value(signer.jwks()).unwrap();
    let key = &jwks["keys"][0];
    let mut names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["alg", "e", "key_ops", "kid", "kty", "n", "use", "x5c", "x5tS256"], "no private part");
    assert_eq!(
        (&key["kty"], &key["use"], &key["alg"], &key["e"]),
        (&json!("RSA"), &json!("sig"), &json!("RS256"), &json!("AQAB"))
    );
    // Verified by aws-lc-rs, given only the JSON.
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let jwt = signer.sign(&claims()).unwrap();
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let public = aws_lc_rs::signature::RsaPublicKeyComponents { n: bytes("n"), e: bytes("e") };
    let parameters = &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(public.verify(parameters, signed.as_bytes(), &signature).is_ok());
    let header = URL_SAFE_NO_PAD.decode(jwt.split('.').next().unwrap()).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&header).unwrap(),
        json!({"typ": "JWT", "alg": "RS256", "kid": key["kid"]})
    );
}
