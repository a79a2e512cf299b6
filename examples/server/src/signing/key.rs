//! An RSA key.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::SigningError;

/// A private key, which aws-lc-rs wipes on drop, and its public key.
pub(super) struct SigningKey {
    pair: KeyPair,
    verifies: DecodingKey,
    jwk: Jwk,
}

impl SigningKey {
    pub(super) fn generate() -> Result<Self, SigningError> {
        Self::new(KeyPair::generate(KeySize::Rsa2048).map_err(|_| SigningError::NoKey)?)
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, SigningError> {
        Self::new(KeyPair::from_pkcs8(der).map_err(|_| SigningError::Unreadable)?)
    }

    fn new(pair: KeyPair) -> Result<Self, SigningError> {
        let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
        let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
        let verifies = DecodingKey::from_rsa_raw_components(n, e);
        let jwk = Jwk::new(BASE64.encode(n), BASE64.encode(e));
        Ok(Self { pair, verifies, jwk })
    }

    /// Returns the private key in PKCS#8, wiped on drop.
    pub(super) fn to_pkcs8(&self) -> Result<Pkcs8V1Der<'static>, SigningError> {
        self.pair.as_der().map_err(|_| SigningError::NoKey)
    }

    pub(super) fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Signs a JWT. jsonwebtoken would parse the private key anew for every signature.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<String, SigningError> {
        let header = Header { kid: Some(self.jwk.kid.clone()), ..Header::new(Algorithm::RS256) };
        let mut jwt = format!("{}.{}", part(&header)?, part(claims)?);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), jwt.as_bytes(), &mut signature)
            .map_err(|_| SigningError::NoSignature)?;
        jwt.push('.');
        BASE64.encode_string(signature, &mut jwt);
        Ok(jwt)
    }

    /// Returns the claims if this key signed them for this audience and issuer. The caller checks
    /// the validity period.
    pub(super) fn verify(&self, jwt: &str, audience: &str, issuer: &str) -> Option<Value> {
        // No other algorithm is accepted, whatever the header says.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[issuer]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Some(jsonwebtoken::decode(jwt, &self.verifies, &validation).ok()?.claims)
    }
}

fn part(value: &impl Serialize) -> Result<String, SigningError> {
    let value = serde_json::to_value(value).map_err(|_| SigningError::NoSignature)?;
    if !value.is_object() {
        return Err(SigningError::NoSignature);
    }
    Ok(BASE64.encode(value.to_string()))
}

/// A set of public keys (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwks {
    /// The keys; the first one signs.
    pub keys: Vec<Jwk>,
}

/// A public key (RFC 7517, RFC 7518 §6.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    kty: &'static str,
    #[serde(rename = "use")]
    purpose: &'static str,
    key_ops: [&'static str; 1],
    alg: &'static str,
    /// The key id, from its thumbprint (RFC 7638).
    pub kid: String,
    n: String,
    e: String,
    /// No certificates; one of the SDKs can't read a key without this field,
    x5c: [&'static str; 0],
    /// nor without this one, which it spells this way.
    #[serde(rename = "x5tS256")]
    x5t_s256: &'static str,
}

impl Jwk {
    fn new(n: String, e: String) -> Self {
        let thumbprint = Sha256::digest(format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#));
        let kid = BASE64.encode(thumbprint);
        Self {
            kty: "RSA",
            purpose: "sig",
            key_ops: ["verify"],
            alg: "RS256",
            kid,
            n,
            e,
            x5c: [],
            x5t_s256: "",
        }
    }
}
