//! TLS over a socket, by rustls.

use super::certificate::end_point;
use super::identity::Identity;
use super::socket::Socket;
use super::verifier::{Trust, Verifier};
use crate::error::{Context, Error, Result};
use crate::pg::target::{Encryption, Host, Mode, Roots, Showing, Versions};
use crate::pg::wire::Transport;
use rustls::crypto::ring;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, ServerName};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use webpki::{OwnedCertRevocationList, anchor_from_trusted_cert};

/// The protocol's name in ALPN.
const ALPN: &[u8] = b"postgresql";

/// Everything needed to speak TLS with one host.
#[derive(Clone)]
pub(super) struct Tls {
    config: Arc<ClientConfig>,
    verifier: Arc<Verifier>,
    identity: Arc<Identity>,
    name: ServerName<'static>,
    must_show: bool,
    is_direct: bool,
}

impl Tls {
    pub(super) fn new(encryption: &Encryption, host: &Host) -> Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let trust = match &encryption.roots {
            Roots::Nobody => None,
            Roots::File(file) => {
                Some(trust(&root_file(file)?, &encryption.revoked, file.display().to_string())?)
            }
            Roots::System => {
                Some(trust(&system_roots()?, &encryption.revoked, "what the system trusts".to_owned())?)
            }
        };
        let checked = match encryption.mode {
            Mode::VerifyFull if host.name.is_empty() => {
                return Err(Error::usage("sslmode=verify-full needs a host name, not only a hostaddr"));
            }
            Mode::VerifyFull => Some(host.name.clone()),
            _ => None,
        };
        let algorithms = provider.signature_verification_algorithms;
        let verifier = Arc::new(Verifier::new(trust, checked, algorithms));
        let identity = Arc::new(Identity::read(encryption.identity.as_ref(), &provider)?);
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions(encryption.versions))
            .map_err(|error| failed("cannot set TLS up", &error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<_>)
            .with_client_cert_resolver(Arc::clone(&identity) as Arc<_>);
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.enable_sni = encryption.sni;
        // An address never goes into SNI, so it stands in for a name that is none.
        let name = ServerName::try_from(host.name.clone());
        Ok(Self {
            config: Arc::new(config),
            verifier,
            identity,
            name: name.unwrap_or(ServerName::from(IpAddr::V4(Ipv4Addr::UNSPECIFIED))),
            must_show: encryption.showing == Showing::Always,
            is_direct: encryption.direct,
        })
    }

    /// Shakes hands on a socket that the server expects it on.
    pub(super) fn wrap(&self, mut socket: Socket) -> Result<TlsStream> {
        let mut connection = ClientConnection::new(Arc::clone(&self.config), self.name.clone())
            .map_err(|error| failed("cannot set TLS up", &error.to_string()))?;
        while connection.is_handshaking() {
            match connection.complete_io(&mut socket) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let error = last_words(&mut connection, &mut socket, error);
                    let why = || failed("the TLS handshake failed", &explain(&error));
                    return Err(self.verifier.failure().unwrap_or_else(why));
                }
            }
        }
        if self.is_direct && connection.alpn_protocol() != Some(ALPN) {
            let why = "it did not agree on the protocol \"postgresql\" (ALPN)";
            return Err(failed("the server does not take TLS from the first byte", why)
                .hint("sslnegotiation=postgres"));
        }
        if self.must_show && !self.identity.was_asked() {
            return Err(failed("sslcertmode=require", "the server did not ask for a client certificate"));
        }
        Ok(TlsStream { connection, socket })
    }
}

/// A socket with TLS on it.
pub(super) struct TlsStream {
    connection: ClientConnection,
    socket: Socket,
}

impl TlsStream {
    /// The server certificate's hash for channel binding.
    pub(super) fn end_point(&self) -> Option<Vec<u8>> {
        end_point(self.connection.peer_certificates()?.first()?)
    }

    fn stream(&mut self) -> rustls::Stream<'_, ClientConnection, Socket> {
        rustls::Stream::new(&mut self.connection, &mut self.socket)
    }
}

impl Read for TlsStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream().read(into).map_err(named)
    }
}

impl Write for TlsStream {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let done = self.stream().write(from);
        done.map_err(|error| named(last_words(&mut self.connection, &mut self.socket, error)))
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.stream().flush();
        done.map_err(|error| named(last_words(&mut self.connection, &mut self.socket, error)))
    }
}

impl Transport for TlsStream {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.set_read_timeout(timeout)
    }
}

/// Why the server closed the connection under our writing, when it said so before: its alert, else `error`.
fn last_words(connection: &mut ClientConnection, socket: &mut Socket, error: io::Error) -> io::Error {
    if !matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) {
        return error;
    }
    while matches!(connection.read_tls(socket), Ok(1..)) {
        if let Err(alert) = connection.process_new_packets() {
            return io::Error::other(alert);
        }
    }
    error
}

/// What the errors of a broken TLS stream begin with.
pub(super) const TLS_ERROR: &str = "TLS: ";

fn named(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if inner.is_some() { io::Error::other(format!("{TLS_ERROR}{}", explain(&error))) } else { error }
}

fn explain(error: &io::Error) -> String {
    use rustls::AlertDescription as Alert;
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::AlertReceived(alert)) => match alert {
            Alert::UnknownCA => {
                "the server does not trust the authority of the client certificate".to_owned()
            }
            Alert::CertificateRequired => {
                "the server asks for a client certificate (sslcert, sslkey)".to_owned()
            }
            Alert::CertificateExpired => "the client certificate has expired".to_owned(),
            Alert::CertificateRevoked => "the client certificate was revoked".to_owned(),
            Alert::ProtocolVersion => "the server speaks none of the TLS versions we offer".to_owned(),
            other => format!("the server refused it: {other:?}"),
        },
        _ if error.kind() == io::ErrorKind::UnexpectedEof => "the server closed the connection".to_owned(),
        _ => error.to_string(),
    }
}

fn versions(versions: Versions) -> Vec<&'static SupportedProtocolVersion> {
    match versions {
        Versions::Both => vec![&TLS13, &TLS12],
        Versions::Only12 => vec![&TLS12],
        Versions::Only13 => vec![&TLS13],
    }
}

fn root_file(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let what = || format!("cannot read the root certificates in {}", file.display());
    let bytes = fs::read(file).context(what).map_err(|error| error.code_is("tls"))?;
    let roots: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match roots {
        Ok(roots) if roots.is_empty() => Err(failed(&what(), "there is no certificate in it")),
        Ok(roots) => Ok(roots),
        Err(error) => Err(failed(&what(), &error.to_string())),
    }
}

/// The system's store, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name in its place.
fn system_roots() -> Result<Vec<CertificateDer<'static>>> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        let message = "the system has no certificates that it trusts (sslrootcert=system)";
        return Err(failed(message, &errors.join(", ")).hint("install ca-certificates, or set SSL_CERT_FILE"));
    }
    Ok(found.certs)
}

fn trust(roots: &[CertificateDer<'static>], revoked: &[PathBuf], source: String) -> Result<Trust> {
    let anchors = roots.iter().filter_map(|root| anchor_from_trusted_cert(root).ok());
    let anchors: Vec<_> = anchors.map(|anchor| anchor.to_owned()).collect();
    let mut lists = Vec::new();
    for file in revoked {
        let what = || format!("cannot read the list of revoked certificates {}", file.display());
        let bytes = fs::read(file).context(what).map_err(|error| error.code_is("tls"))?;
        for list in CertificateRevocationListDer::pem_slice_iter(&bytes) {
            let list = list.map_err(|error| failed(&what(), &error.to_string()))?;
            let list = OwnedCertRevocationList::from_der(&list);
            lists.push(list.map_err(|error| failed(&what(), &error.to_string()))?.into());
        }
    }
    Ok(Trust { anchors, certificates: roots.to_vec(), revoked: lists, source })
}

fn failed(message: &str, why: &str) -> Error {
    Error::failed("tls", message).cause(why)
}
