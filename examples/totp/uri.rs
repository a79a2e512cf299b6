//! `otpauth://` URIs.

use countersign::totp::{KeyUri, KeyUriError, UriName};

use crate::fields::{Failure, exactly, secret, settings};

/// ISSUER ACCOUNT ALGORITHM DIGITS PERIOD SECRET → the URI.
pub(crate) fn write(fields: &[&str]) -> Result<String, Failure> {
    let [issuer, account, algorithm, digits, period, secret_text] = exactly(fields)?;
    let issuer = UriName::new(issuer).map_err(|_| Failure("invalid_issuer"))?;
    let account = UriName::new(account).map_err(|_| Failure("invalid_account"))?;
    let settings = settings(algorithm, digits, period)?;
    let uri = KeyUri::new(issuer, account, secret(secret_text)?, settings);
    Ok(uri.to_text().as_str().to_owned())
}

/// URI → ISSUER ACCOUNT ALGORITHM DIGITS PERIOD SECRET, where the issuer may be empty.
pub(crate) fn read(fields: &[&str]) -> Result<String, Failure> {
    let [uri] = exactly(fields)?;
    let uri: KeyUri = uri.parse().map_err(|error: KeyUriError| Failure(error.as_str()))?;
    let issuer = uri.issuer().map_or("", UriName::as_str);
    let (settings, secret) = (uri.settings(), uri.secret().to_base32());
    let (algorithm, digits, period) = (settings.algorithm(), settings.digits(), settings.period());
    Ok(format!("{issuer}\t{}\t{algorithm}\t{digits}\t{period}\t{}", uri.account(), secret.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn reading_reverses_writing() {
        let fields = ["Acme & Co", "ada@example.com", "SHA256", "8", "60", SECRET];
        let uri = write(&fields).unwrap();
        assert_eq!(
            uri,
            format!(
                "otpauth://totp/Acme%20%26%20Co:ada%40example.com?secret={SECRET}&issuer=Acme%20%26%20Co&algorithm=SHA256&digits=8&period=60"
            )
        );
        assert_eq!(read(&[&uri]).unwrap(), fields.join("\t"));
        let bare = format!("otpauth://totp/ada?secret={SECRET}");
        assert_eq!(read(&[&bare]).unwrap(), format!("\tada\tSHA1\t6\t30\t{SECRET}"));
    }

    #[test]
    fn errors_have_names() {
        for (issuer, account, name) in
            [("", "ada", "invalid_issuer"), ("a:b", "ada", "invalid_issuer"), ("Acme", "", "invalid_account")]
        {
            assert_eq!(write(&[issuer, account, "SHA1", "6", "30", SECRET]), Err(Failure(name)));
        }
        assert_eq!(read(&["", ""]), Err(Failure("field_count")));
        assert_eq!(read(&[""]), Err(Failure("not_otpauth")));
        assert_eq!(read(&["otpauth://totp/ada?secret=A"]), Err(Failure("secret_length")));
        assert_eq!(read(&[&"é".repeat(1 << 20)]), Err(Failure("uri_too_long")));
    }
}
