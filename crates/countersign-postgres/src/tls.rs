//! TLS connections with rustls.

mod verifiers;

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::{AddressError, Verify};
use verifiers::{AnyCertificate, AnyName};

/// Returns a connector that verifies the server as `verify` says.
pub(crate) fn connector(verify: &Verify) -> Result<MakeRustlsConnect, AddressError> {
    // The host's default provider, if it has installed one.
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let chain = |authorities| {
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(authorities), provider.clone());
        verifier.build().map_err(|error| AddressError::Authorities(error.to_string()))
    };
    let verifier: Arc<dyn ServerCertVerifier> = match verify {
        Verify::Nothing => Arc::new(AnyCertificate(provider.clone())),
        Verify::Authority(file) => Arc::new(AnyName(chain(of_file(file)?)?)),
        Verify::Name(Some(file)) => chain(of_file(file)?)?,
        Verify::Name(None) => chain(of_system()?)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| AddressError::Authorities(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn of_file(path: &Path) -> Result<RootCertStore, AddressError> {
    let unreadable =
        |why: &dyn std::fmt::Display| AddressError::Authorities(format!("{}: {why}", path.display()));
    let mut authorities = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
        let certificate = certificate.map_err(|error| unreadable(&error))?;
        authorities.add(certificate).map_err(|error| unreadable(&error))?;
    }
    if authorities.is_empty() {
        return Err(unreadable(&"the file contains no PEM certificate"));
    }
    Ok(authorities)
}

fn of_system() -> Result<RootCertStore, AddressError> {
    let mut authorities = RootCertStore::empty();
    // Some systems list certificates that can't be parsed.
    authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if authorities.is_empty() {
        return Err(AddressError::Authorities(
            "the system has no certificate authorities; set sslrootcert to a PEM file".to_owned(),
        ));
    }
    Ok(authorities)
}
