//! Our own certificate and its private key, shown to a server that asks.

use crate::error::{Context, Error, Result};
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// Shows the certificate, when there is one, and remembers whether it was asked for.
#[derive(Debug)]
pub(super) struct Identity {
    key: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
}

impl Identity {
    /// Reads the certificate and the key from their files.
    pub(super) fn read(files: Option<&(PathBuf, PathBuf)>, provider: &CryptoProvider) -> Result<Self> {
        let key = match files {
            None => None,
            Some((certificate, key)) => Some(Arc::new(read(certificate, key, provider)?)),
        };
        Ok(Self { key, asked: AtomicBool::new(false) })
    }

    /// Whether the server has asked for a certificate.
    pub(super) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.key.clone().filter(|key| key.key.choose_scheme(schemes).is_some())
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

fn read(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey> {
    let what = || format!("cannot read the client certificate {}", certificate.display());
    let bytes = fs::read(certificate).context(what).map_err(|error| error.code_is("tls"))?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| failed(what()).cause(error.to_string()))?;
    let Some(own) = chain.first() else { return Err(failed(what()).cause("there is no certificate in it")) };
    let signing = provider
        .key_provider
        .load_private_key(private_key(key)?)
        .map_err(|error| failed(unreadable(key)).cause(error.to_string()))?;
    let ours = X509Certificate::from_der(own).ok().map(|(_, parsed)| parsed.public_key().raw.to_vec());
    if let (Some(ours), Some(theirs)) = (ours, signing.public_key())
        && ours != theirs.as_ref()
    {
        let (certificate, key) = (certificate.display(), key.display());
        return Err(failed(format!("the client certificate {certificate} does not belong to the key {key}")));
    }
    Ok(CertifiedKey::new(chain, signing))
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    let what = || unreadable(path);
    let metadata = fs::metadata(path).context(what).map_err(|error| error.code_is("tls"))?;
    // The rule of libpq: root may let a group read its keys.
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if !metadata.is_file() {
        return Err(failed(what()).cause("it is not a plain file"));
    }
    if metadata.mode() & forbidden != 0 {
        return Err(failed(what())
            .cause("others have access to it")
            .hint(format!("chmod 0600 {}", path.display())));
    }
    let bytes = fs::read(path).context(what).map_err(|error| error.code_is("tls"))?;
    let text = String::from_utf8_lossy(&bytes);
    if text.contains("ENCRYPTED") {
        return Err(failed(what())
            .cause("it is protected by a passphrase, which is not supported")
            .hint("openssl pkey -in KEY -out NEW writes one without"));
    }
    if text.contains("-----BEGIN") {
        PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| failed(what()).cause(error.to_string()))
    } else {
        PrivateKeyDer::try_from(bytes.as_slice())
            .map(|key| key.clone_key())
            .map_err(|why| failed(what()).cause(why))
    }
}

fn unreadable(key: &Path) -> String {
    format!("cannot use the private key {}", key.display())
}

fn failed(message: String) -> Error {
    Error::failed("tls", message)
}
