use tokio_postgres::config::Host;

use super::*;

fn security(text: &str) -> Result<(SslMode, Verify), AddressError> {
    Address::parse(text).map(|address| (address.config.get_ssl_mode(), address.verify))
}

#[test]
fn parses_sslmode_as_libpq_does() {
    let file = || PathBuf::from("/etc/ca.pem");
    for (options, expected) in [
        ("", Ok((SslMode::Prefer, Verify::Nothing))),
        ("sslmode=disable", Ok((SslMode::Disable, Verify::Nothing))),
        ("sslmode=prefer", Ok((SslMode::Prefer, Verify::Nothing))),
        ("sslmode=require", Ok((SslMode::Require, Verify::Nothing))),
        ("sslmode=require&sslrootcert=/etc/ca.pem", Ok((SslMode::Require, Verify::Authority(file())))),
        ("sslrootcert=%2Fetc/ca.pem&sslmode=verify-ca", Ok((SslMode::Require, Verify::Authority(file())))),
        ("sslmode=verify-full&sslrootcert=/etc/ca.pem", Ok((SslMode::Require, Verify::Name(Some(file()))))),
        ("sslmode=verify-full&sslrootcert=system", Ok((SslMode::Require, Verify::Name(None)))),
        ("sslmode=verify-full", Ok((SslMode::Require, Verify::Name(None)))),
        ("sslmode=disable&sslmode=require", Ok((SslMode::Require, Verify::Nothing))),
        ("ssl%6Dode=req%75ire", Ok((SslMode::Require, Verify::Nothing))),
        ("sslmode=verify-ca", Err(AddressError::NoAuthority)),
        ("sslmode=require&sslrootcert=system", Err(AddressError::NoName)),
        ("sslrootcert=system", Err(AddressError::NoName)),
        ("sslmode=allow", Err(AddressError::Mode)),
        ("sslmode=Require", Err(AddressError::Mode)),
        ("sslmode=", Err(AddressError::Mode)),
        ("sslkey=/key.pem", Err(AddressError::Malformed)),
        ("sslmode", Err(AddressError::Malformed)),
        ("sslmode=%zz", Err(AddressError::Malformed)),
    ] {
        assert_eq!(security(&format!("postgresql://otp@db/otp?{options}")), expected, "{options}");
    }
    for (words, expected) in [
        ("host=db", Ok((SslMode::Prefer, Verify::Nothing))),
        ("host=db sslmode = 'require' user=otp", Ok((SslMode::Require, Verify::Nothing))),
        (
            "sslmode=verify-ca host=db sslrootcert='/etc/ca.pem'",
            Ok((SslMode::Require, Verify::Authority(file()))),
        ),
        (
            "sslmode=verify-ca host=db sslrootcert=/etc\\/ca.pem ",
            Ok((SslMode::Require, Verify::Authority(file()))),
        ),
        ("host=db password='sslmode=disable' sslmode=require", Ok((SslMode::Require, Verify::Nothing))),
        ("host=db password='it\\'s' sslmode=require", Ok((SslMode::Require, Verify::Nothing))),
        ("host=db sslmode='require", Err(AddressError::Malformed)),
        ("host=db sslmode", Err(AddressError::Malformed)),
        ("host=db =require", Err(AddressError::Malformed)),
    ] {
        assert_eq!(security(words), expected, "{words}");
    }
}

#[test]
fn passes_other_options_to_the_client() {
    let [url, words] = [
        "postgresql://otp:a?sslmode=b@db:6543/codes?connect_timeout=7&sslmode=verify-full&application_name=login",
        "application_name=login sslmode=verify-full user=otp password=a?sslmode=b host=db port=6543 dbname=codes connect_timeout=7",
    ]
    .map(|text| Address::parse(text).unwrap());
    for Address { config, verify } in [url, words] {
        assert_eq!(verify, Verify::Name(None));
        assert_eq!((config.get_user(), config.get_password()), (Some("otp"), Some(&b"a?sslmode=b"[..])));
        assert_eq!((config.get_hosts(), config.get_ports()), (&[Host::Tcp("db".into())][..], &[6543][..]));
        assert_eq!((config.get_dbname(), config.get_application_name()), (Some("codes"), Some("login")));
        assert_eq!(config.get_connect_timeout().unwrap().as_secs(), 7);
    }
}

#[test]
fn errors_never_contain_the_address() {
    for text in
        ["hunter2", "postgresql://otp:a?hunter2@db/otp?b", "host=db hunter2=1", "host=db sslmode=hunter2"]
    {
        let error = Address::parse(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}
