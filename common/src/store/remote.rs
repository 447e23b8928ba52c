//! Object stores: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.
//!
//! Credentials and endpoints come from the variables that each service's own tools read.

use super::location::{Remote, Service};
use crate::error::{Error, Result};
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::prefix::PrefixStore;
use std::sync::Arc;

pub(super) fn open(remote: &Remote) -> Result<Arc<dyn ObjectStore>> {
    // A process has one; whoever was first has chosen the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let inner: object_store::Result<Box<dyn ObjectStore>> = match remote.service {
        Service::S3 => {
            AmazonS3Builder::from_env().with_bucket_name(&remote.bucket).build().map(|s| Box::new(s) as _)
        }
        Service::Google => GoogleCloudStorageBuilder::from_env()
            .with_bucket_name(&remote.bucket)
            .build()
            .map(|s| Box::new(s) as _),
        Service::Azure => MicrosoftAzureBuilder::from_env()
            .with_container_name(&remote.bucket)
            .build()
            .map(|s| Box::new(s) as _),
    };
    let inner = inner.map_err(|error| {
        Error::failed("store", format!("cannot open the bucket {}", remote.bucket)).cause(error.to_string())
    })?;
    Ok(Arc::new(PrefixStore::new(inner, remote.prefix.as_str())))
}
