//! What a server's certificate says: the names it is for, when it is valid, and its hash for channel binding.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::signature_algorithm::SignatureAlgorithm;

/// The names a certificate was given to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    domains: Vec<String>,
    addresses: Vec<IpAddr>,
    common: Option<String>,
}

impl Names {
    pub(super) fn of(certificate: &X509Certificate<'_>) -> Self {
        let mut names = Self::default();
        if let Ok(Some(extension)) = certificate.subject_alternative_name() {
            for name in &extension.value.general_names {
                match name {
                    GeneralName::DNSName(name) => names.domains.push((*name).to_owned()),
                    GeneralName::IPAddress(bytes) => names.addresses.extend(address(bytes)),
                    _ => {}
                }
            }
        }
        let common = certificate.subject().iter_common_name().next();
        names.common = common.and_then(|name| name.as_str().ok()).map(str::to_owned);
        names
    }

    /// Whether the certificate is for `host`, by libpq's rules: exact, or `*.` for one label; the common name counts
    /// only when there is no alternative name of the host's own kind.
    pub(super) fn cover(&self, host: &str) -> bool {
        let address: Option<IpAddr> = host.parse().ok();
        let by_domain = self.domains.iter().any(|name| matches(name, host));
        let by_address = address.is_some_and(|address| self.addresses.contains(&address));
        let ours = if address.is_some() { self.addresses.is_empty() } else { self.domains.is_empty() };
        let by_common = ours && self.common.as_deref().is_some_and(|name| matches(name, host));
        by_domain || by_address || by_common
    }

    /// The names for messages, the most telling first.
    pub(super) fn list(&self) -> Vec<String> {
        let mut names = self.domains.clone();
        names.extend(self.addresses.iter().map(ToString::to_string));
        if names.is_empty() {
            names.extend(self.common.clone());
        }
        names
    }
}

fn matches(pattern: &str, host: &str) -> bool {
    if pattern.contains('\0') {
        return false;
    }
    let wild = || {
        let suffix = pattern.strip_prefix("*.").filter(|suffix| !suffix.is_empty())?;
        let (label, rest) = host.split_once('.')?;
        Some(!label.is_empty() && rest.eq_ignore_ascii_case(suffix))
    };
    pattern.eq_ignore_ascii_case(host) || wild().unwrap_or(false)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes))),
        16 => <[u8; 16]>::try_from(bytes).ok().map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes))),
        _ => None,
    }
}

/// The `tls-server-end-point` of RFC 5929: the certificate's hash by the hash function of its signature, with
/// SHA-256 in place of MD5 and SHA-1. None when the signature has no hash function of its own, as Ed25519.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let algorithm = &parsed.signature_algorithm;
    let oid = match SignatureAlgorithm::try_from(algorithm) {
        Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) => parameters.hash_algorithm_oid().to_id_string(),
        _ => algorithm.oid().to_id_string(),
    };
    Some(match oid.as_str() {
        // With RSA, with ECDSA, and the hash functions themselves: MD5 and SHA-1, then SHA-2.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.10045.4.1"
        | "1.3.14.3.2.26"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.3.2"
        | "2.16.840.1.101.3.4.2.1" => Sha256::digest(certificate).to_vec(),
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" | "2.16.840.1.101.3.4.2.2" => {
            Sha384::digest(certificate).to_vec()
        }
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" | "2.16.840.1.101.3.4.2.3" => {
            Sha512::digest(certificate).to_vec()
        }
        "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" | "2.16.840.1.101.3.4.2.4" => {
            Sha224::digest(certificate).to_vec()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(domains: &[&str], addresses: &[&str], common: Option<&str>) -> Names {
        Names {
            domains: domains.iter().map(ToString::to_string).collect(),
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
            common: common.map(str::to_owned),
        }
    }

    #[test]
    fn a_star_stands_for_one_whole_label() {
        let wild = names(&["*.Example.com"], &[], None);
        assert!(wild.cover("db.example.COM"));
        for host in ["example.com", "a.db.example.com", ".example.com", "dbexample.com"] {
            assert!(!wild.cover(host), "{host}");
        }
        assert!(!names(&["d*.example.com", "*."], &[], None).cover("db.example.com"));
    }

    #[test]
    fn the_common_name_counts_when_no_name_of_the_hosts_kind_is_there() {
        assert!(names(&[], &["10.0.0.1"], Some("db")).cover("db"));
        assert!(!names(&["other"], &[], Some("db")).cover("db"));
        assert!(names(&["other"], &[], Some("10.0.0.1")).cover("10.0.0.1"));
        assert!(!names(&[], &["10.0.0.2"], Some("10.0.0.1")).cover("10.0.0.1"));
    }

    #[test]
    fn an_address_is_compared_as_an_address() {
        assert!(names(&[], &["2001:db8::1"], None).cover("2001:0db8:0::1"));
        assert!(!names(&[], &["10.0.0.1"], None).cover("db"));
    }
}
