//! The connection pool of a store that connects by itself.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

use crate::Timeouts;
use crate::address::{Address, AddressError, Verify};

/// The size of the pool that [`PostgresStore::connect`](crate::PostgresStore::connect) creates.
const CONNECTIONS: usize = 16;

/// Returns a pool that has no connections yet.
pub(crate) fn connecting(
    address: &str,
    timeouts: Timeouts,
) -> Result<Pool, Box<dyn std::error::Error + Send + Sync>> {
    let Address { mut config, verify } = Address::parse(address)?;
    let tcp_timeout = timeouts.answer().saturating_mul(2).max(Duration::from_secs(1));
    config.connect_timeout(timeouts.connect()).tcp_user_timeout(tcp_timeout).keepalives_idle(tcp_timeout);
    let options = format!(
        "{} -c statement_timeout={} -c default_transaction_isolation=read\\ committed",
        config.get_options().unwrap_or_default(),
        timeouts.answer().as_millis()
    );
    config.options(options);
    Pool::builder(manager(config, &verify)?)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(Into::into)
}

/// Returns the manager that opens the pool's connections.
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
