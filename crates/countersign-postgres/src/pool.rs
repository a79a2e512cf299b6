//! The pool of a store that connects by itself.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

use crate::Waits;
use crate::address::{Address, AddressError, Verify};

/// So many connections at most, unless the host brings a pool of its own.
const CONNECTIONS: usize = 16;

/// A pool that has no connection yet.
pub(crate) fn connecting(
    address: &str,
    waits: Waits,
) -> Result<Pool, Box<dyn std::error::Error + Send + Sync>> {
    let Address { mut config, verify } = Address::parse(address)?;
    let patience = waits.answer().saturating_mul(2).max(Duration::from_secs(1));
    config.connect_timeout(waits.connect()).tcp_user_timeout(patience).keepalives_idle(patience);
    let options = format!(
        "{} -c statement_timeout={} -c default_transaction_isolation=read\\ committed",
        config.get_options().unwrap_or_default(),
        waits.answer().as_millis()
    );
    config.options(options);
    Pool::builder(manager(config, &verify)?)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(Into::into)
}

/// What makes the pool's connections.
fn manager(config: Config, verify: &Verify) -> Result<Manager, AddressError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    if config.get_ssl_mode() == SslMode::Disable {
        return Ok(Manager::from_config(config, NoTls, recycling));
    }
    #[cfg(feature = "tls")]
    return Ok(Manager::from_config(config, crate::tls::connector(verify)?, recycling));
    #[cfg(not(feature = "tls"))]
    match (config.get_ssl_mode(), verify) {
        (SslMode::Prefer, Verify::Nothing) => Ok(Manager::from_config(config, NoTls, recycling)),
        _ => Err(AddressError::NoTls),
    }
}
