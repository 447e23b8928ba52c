//! Object stores: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.
//!
//! Credentials and endpoints come from the variables and files that each service's own tools read. Plain HTTP is spoken
//! only where an endpoint was named so. Nothing here asks the network anything.

mod profile;
mod s3;
mod settings;

use super::location::{Remote, Service};
use crate::error::{Error, Result};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use settings::Settings;
use std::sync::Arc;
use std::time::Duration;

/// How long a server may be silent, and how long a whole request may take, as a multiple of it.
const SILENCE: Duration = Duration::from_mins(1);
const WHOLE: u32 = 10;

/// How often a request is tried again, and for how long.
const RETRIES: usize = 10;
const RETRYING: Duration = Duration::from_mins(3);

pub(super) fn open(remote: &Remote) -> Result<Arc<dyn ObjectStore>> {
    // A process has one; whoever was first has chosen the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let settings = Settings::of_process();
    let inner: Box<dyn ObjectStore> = match remote.service {
        Service::S3 => Box::new(s3::open(&remote.bucket, &settings)?),
        Service::Google => Box::new(google(&remote.bucket, &settings)?),
        Service::Azure => Box::new(azure(&remote.bucket, &settings)?),
    };
    // Taken as it is: another spelling of it would be another place.
    let prefix = ObjectPath::parse(&remote.prefix).map_err(|error| {
        Error::usage(format!("{:?} cannot be a prefix of names", remote.prefix)).cause(error.to_string())
    })?;
    Ok(Arc::new(PrefixStore::new(inner, prefix)))
}

fn google(bucket: &str, settings: &Settings) -> Result<impl ObjectStore + use<>> {
    let mut builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket);
    let mut client = client(settings)?;
    if let Some(host) = settings.get("STORAGE_EMULATOR_HOST") {
        let url = if host.contains("://") { host } else { format!("http://{host}") };
        builder = builder.with_base_url(url.trim_end_matches('/')).with_skip_signature(true);
        client = client.with_allow_http(true);
    }
    builder.with_client_options(client).with_retry(retries(RETRIES)).build().map_err(unusable)
}

fn azure(container: &str, settings: &Settings) -> Result<impl ObjectStore + use<>> {
    let plain = ["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT", "AZURITE_BLOB_STORAGE_URL"]
        .iter()
        .any(|name| settings.get(name).is_some_and(|url| url.starts_with("http://")));
    let emulated = settings.get("AZURE_STORAGE_USE_EMULATOR").is_some();
    MicrosoftAzureBuilder::from_env()
        .with_container_name(container)
        .with_client_options(client(settings)?.with_allow_http(plain || emulated))
        .with_retry(retries(RETRIES))
        .build()
        .map_err(unusable)
}

/// How requests are made: what is silent for too long is given up, and tried again.
fn client(settings: &Settings) -> Result<ClientOptions> {
    let silence = settings.seconds("PGSNAP_STORE_TIMEOUT")?.unwrap_or(SILENCE);
    Ok(ClientOptions::default()
        .with_connect_timeout(silence.min(Duration::from_secs(10)))
        .with_read_timeout(silence)
        .with_timeout(silence * WHOLE))
}

fn retries(max_retries: usize) -> RetryConfig {
    // The library takes a random pause between the first one and `base` times the last: with 2 ten would take three seconds.
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(20),
        base: 4.0,
    };
    RetryConfig { backoff, max_retries, retry_timeout: RETRYING }
}

/// What is set does not make sense. No setting's value is told: some are secret.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn unusable(error: object_store::Error) -> Error {
    let why = match &error {
        object_store::Error::Generic { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    Error::usage("the settings of the object store cannot be used").cause(why)
}
