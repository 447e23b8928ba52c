//! Whether a server's certificate is to be trusted, by libpq's rules and not by a browser's.
//!
//! Three things differ from what rustls does by itself: `verify-ca` does not look at names, the common name may count,
//! and certificates that OpenSSL makes by default (version 1, or self-signed and named as the root) are accepted.

use super::certificate::Names;
use crate::error::{Error, Result};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, TrustAnchor, UnixTime};
use std::sync::Mutex;
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, RawPublicKeyEntity,
    RevocationOptionsBuilder,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Version;

/// Whose signature makes a certificate good.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) anchors: Vec<TrustAnchor<'static>>,
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) revoked: Vec<CertRevocationList<'static>>,
    /// For messages: the file, or the operating system.
    pub(super) source: String,
}

/// Judges the certificate of one host.
#[derive(Debug)]
pub(super) struct Verifier {
    /// None trusts everybody.
    trust: Option<Trust>,
    /// The name that the certificate must have.
    host: Option<String>,
    algorithms: WebPkiSupportedAlgorithms,
    failure: Mutex<Option<Error>>,
}

impl Verifier {
    pub(super) fn new(
        trust: Option<Trust>,
        host: Option<String>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Self {
        Self { trust, host, algorithms, failure: Mutex::new(None) }
    }

    /// Why the last certificate was not accepted.
    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.lock().ok()?.take()
    }

    fn judge(&self, end: &CertificateDer<'_>, between: &[CertificateDer<'_>], now: UnixTime) -> Result<()> {
        let Some(trust) = &self.trust else { return Ok(()) };
        let (_, parsed) = X509Certificate::from_der(end)
            .map_err(|error| untrusted("the server's certificate cannot be read").cause(error.to_string()))?;
        check_dates(&parsed, now)?;
        trust.check(end, &parsed, between, now, self.algorithms)?;
        match &self.host {
            Some(host) => check_name(&parsed, host),
            None => Ok(()),
        }
    }
}

impl Trust {
    fn check(
        &self,
        end: &CertificateDer<'_>,
        parsed: &X509Certificate<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<()> {
        if self.revoked.is_empty() {
            if self.certificates.iter().any(|trusted| trusted.as_ref() == end.as_ref()) {
                return Ok(());
            }
            if parsed.version() == X509Version::V1 {
                return self.check_version_1(parsed, now, algorithms);
            }
        }
        let lists: Vec<_> = self.revoked.iter().collect();
        let revocation = match RevocationOptionsBuilder::new(&lists) {
            Ok(options) => Some(options.with_expiration_policy(ExpirationPolicy::Enforce).build()),
            Err(_) => None,
        };
        let end = EndEntityCert::try_from(end).map_err(|error| self.explain(&error, parsed))?;
        let usage = KeyUsage::server_auth();
        end.verify_for_usage(algorithms.all, &self.anchors, between, now, usage, revocation, None)
            .map(drop)
            .map_err(|error| self.explain(&error, parsed))
    }

    /// A certificate of version 1, as `openssl x509 -req` makes it without extensions: a root has signed it, directly.
    fn check_version_1(
        &self,
        parsed: &X509Certificate<'_>,
        now: UnixTime,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<()> {
        let signed = |trusted: &CertificateDer<'_>| {
            let Ok((_, root)) = X509Certificate::from_der(trusted) else { return false };
            let key = SubjectPublicKeyInfoDer::from(root.public_key().raw);
            let may_sign = root.version() == X509Version::V1 || root.is_ca();
            if root.subject().as_raw() != parsed.issuer().as_raw()
                || !may_sign
                || check_dates(&root, now).is_err()
            {
                return false;
            }
            let Ok(key) = RawPublicKeyEntity::try_from(&key) else { return false };
            let (message, signature) = (parsed.tbs_certificate.as_ref(), &parsed.signature_value.data);
            algorithms
                .all
                .iter()
                .any(|&algorithm| key.verify_signature(algorithm, message, signature).is_ok())
        };
        if self.certificates.iter().any(signed) {
            return Ok(());
        }
        Err(self.explain(&webpki::Error::UnknownIssuer, parsed))
    }

    fn explain(&self, error: &webpki::Error, parsed: &X509Certificate<'_>) -> Error {
        match error {
            webpki::Error::UnknownIssuer => {
                let message = "the server's certificate was not signed by an authority that is trusted";
                untrusted(message)
                    .cause(format!("it was signed by \"{}\"; trusted is {}", parsed.issuer(), self.source))
                    .hint("name the certificate of the server's authority with sslrootcert=FILE")
            }
            webpki::Error::CertRevoked => untrusted("the server's certificate was revoked"),
            webpki::Error::CrlExpired { .. } => untrusted("the list of revoked certificates has expired")
                .hint("get a newer one for sslcrl or sslcrldir"),
            webpki::Error::UnknownRevocationStatus => {
                untrusted("no list of revoked certificates covers the server's certificate")
                    .hint("sslcrl and sslcrldir need a list of every authority in the chain")
            }
            webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => {
                untrusted("a certificate between the server's and the trusted one is not valid now")
            }
            webpki::Error::CaUsedAsEndEntity => {
                untrusted("the server shows an authority's certificate instead of one of its own")
            }
            webpki::Error::RequiredEkuNotFoundContext(_) => {
                untrusted("the server's certificate is not meant for servers (extended key usage)")
            }
            other => untrusted("the server's certificate is not acceptable").cause(other.to_string()),
        }
    }
}

fn check_dates(certificate: &X509Certificate<'_>, now: UnixTime) -> Result<()> {
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let validity = certificate.validity();
    if now > validity.not_after.timestamp() {
        return Err(untrusted(format!("the server's certificate expired on {}", validity.not_after))
            .hint("the server needs a new certificate"));
    }
    if now < validity.not_before.timestamp() {
        return Err(untrusted(format!(
            "the server's certificate is valid only from {}",
            validity.not_before
        ))
        .hint("compare this machine's clock with the server's"));
    }
    Ok(())
}

fn check_name(certificate: &X509Certificate<'_>, host: &str) -> Result<()> {
    let names = Names::of(certificate);
    if names.cover(host) {
        return Ok(());
    }
    let listed = names.list();
    let whose = if listed.is_empty() { "nobody by name".to_owned() } else { listed.join(", ") };
    Err(untrusted(format!("the server's certificate is for {whose}, not for the host \"{host}\"")).hint(
        "connect by a name the certificate has (hostaddr can say where that is), or use sslmode=verify-ca",
    ))
}

fn untrusted(message: impl Into<String>) -> Error {
    Error::failed("tls", message)
}

/// The public key's own bytes, so that certificates of version 1, which rustls does not read, will do.
fn with_key<T>(
    certificate: &CertificateDer<'_>,
    run: impl FnOnce(&SubjectPublicKeyInfoDer<'_>) -> std::result::Result<T, rustls::Error>,
) -> std::result::Result<T, rustls::Error> {
    let bad = |_| rustls::Error::InvalidCertificate(CertificateError::BadEncoding);
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(bad)?;
    run(&SubjectPublicKeyInfoDer::from(parsed.public_key().raw))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        self.judge(end_entity, intermediates, now).map(|()| ServerCertVerified::assertion()).map_err(
            |error| {
                if let Ok(mut failure) = self.failure.lock() {
                    *failure = Some(error);
                }
                rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)
            },
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let mapping = self.algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
        let algorithms = mapping.map_or(&[][..], |(_, algorithms)| algorithms);
        with_key(certificate, |key| {
            let key = RawPublicKeyEntity::try_from(key).map_err(|_| CertificateError::BadEncoding)?;
            let good = |algorithm| key.verify_signature(algorithm, message, signed.signature()).is_ok();
            if algorithms.iter().any(|&algorithm| good(algorithm)) {
                return Ok(HandshakeSignatureValid::assertion());
            }
            Err(CertificateError::BadSignature.into())
        })
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        with_key(certificate, |key| {
            verify_tls13_signature_with_raw_key(message, key, signed, &self.algorithms)
        })
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::pem::PemObject;

    /// An authority, another one of the same name, and a certificate of the first's: `openssl req -x509` and
    /// `openssl x509 -req -CA` without extensions, as the manual of PostgreSQL tells to make them.
    const ROOT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUSvDMEZecwXBCILEgPRQNmWFfN4QwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJb2xkIHJvb3RzMCAXDTI2MTEyMDEzMDc0MloYDzIxMjYxMDI3
MTMwNzQyWjAUMRIwEAYDVQQDDAlvbGQgcm9vdHMwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATZNfs63b8pve00qQb1g2Zx+mfG7uapJDPKolQWK2dZQUhzL8QS2nHn
k0dJJguclojjgNZwyzKssOBIbcXtIoDCo1MwUTAdBgNVHQ4EFgQU+Tkv9upysJD3
UmCYnQlikdXGzAAwHwYDVR0jBBgwFoAU+Tkv9upysJD3UmCYnQlikdXGzAAwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAwuAOgp9R+g0EvrSXIJwl
G2U9AySaSWVWwniImCxS5q8CICQ1881kUJfo/ZPHUTk0CLtAHgOfZ8DUSnzCtj6Z
ZFFu
-----END CERTIFICATE-----
";
    const NAMESAKE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUM2PgDfp/wO7pelU2Vw+Zql0N5TQwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJb2xkIHJvb3RzMCAXDTI2MTEyMDEzMDc0MloYDzIxMjYxMDI3
MTMwNzQyWjAUMRIwEAYDVQQDDAlvbGQgcm9vdHMwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATTNnYAqJsm72kwthZCCcJ63iWvtl+F5SNm/4lMxsn/DrY7Lvj8HwHj
818H+naOyuqBFpNd+WsMOyHlSVLqZKjIo1MwUTAdBgNVHQ4EFgQU1ccPhz4jNcti
twyy0dck3cxEg08wHwYDVR0jBBgwFoAU1ccPhz4jNctitwyy0dck3cxEg08wDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAm9fh4h2IL9oqJcGL0hMp
tGHH46QrUUA1NIMLQSN6vF4CIHhp7TO+qyVik+jMB0AuS60s50ofhFR7VuD8IC6O
/phI
-----END CERTIFICATE-----
";
    const VERSION_1: &str = "\
-----BEGIN CERTIFICATE-----
MIIBIjCByQIUKMC/3erksRdubPvapI5ihz8QV1AwCgYIKoZIzj0EAwIwFDESMBAG
A1UEAwwJb2xkIHJvb3RzMCAXDTI2MTEyMDEzMDc0MloYDzIxMjYxMDI3MTMwNzQy
WjASMRAwDgYDVQQDDAdkYi50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
CAbjG3Zi9r8zx7CiDGLEyKWKpNjiBRTDyTtgh7lmJC0gLXeTRieaPbC8ADpZLCOT
l3cDyi59UI/hdJH6YC46GjAKBggqhkjOPQQDAgNIADBFAiEAiBL9XXXAlqbCqiF0
b/87qMo6msa3cw5F4QgI2kc1MvsCICPMo1WkkoIcl3gUbqI10VjrzlwN0OJbWLmK
gVbF7Mfj
-----END CERTIFICATE-----
";

    fn judge(root: &str, host: &str) -> Result<()> {
        let certificate = |text: &str| CertificateDer::from_pem_slice(text.as_bytes()).unwrap();
        let root = certificate(root);
        let anchor = webpki::anchor_from_trusted_cert(&root).unwrap().to_owned();
        let trust = Trust {
            anchors: vec![anchor],
            certificates: vec![root.clone()],
            revoked: Vec::new(),
            source: "a file".to_owned(),
        };
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        let verifier = Verifier::new(Some(trust), Some(host.to_owned()), algorithms);
        verifier.judge(&certificate(VERSION_1), &[], UnixTime::now())
    }

    #[test]
    fn a_certificate_of_version_1_is_good_when_the_root_signed_it() {
        judge(ROOT, "db.test").unwrap();
        assert!(judge(ROOT, "other.test").unwrap_err().to_string().contains("db.test"));
    }

    #[test]
    fn a_root_of_the_same_name_does_not_make_it_good() {
        assert!(judge(NAMESAKE, "db.test").unwrap_err().to_string().contains("not signed by"));
    }
}
