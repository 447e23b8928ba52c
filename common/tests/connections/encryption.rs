//! TLS: what each sslmode checks, whose certificates are trusted, our own certificate.

use crate::certificates::{Authority, Pair, self_signed};
use crate::server::{Server, Setup, shared};
use common::error::Error;
use common::pg::session::Session;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::{Arc, Mutex, Weak};

struct World {
    server: Server,
    authority: Authority,
    clients: Authority,
}

/// A server for `db.test`, which lets the role `carl` in by certificate over TLS and everybody else without asking.
fn world() -> Arc<World> {
    static WORLD: Mutex<Weak<World>> = Mutex::new(Weak::new());
    shared(&WORLD, || {
        let (authority, clients) = (Authority::new("our roots"), Authority::new("our clients"));
        let server = Server::start(&Setup {
            certificate: Some(&authority.sign("ignored", &["db.test", "*.wild.test", "127.0.0.1"])),
            clients: Some(&clients),
            access: "hostssl all carl all cert\nhost all all all trust",
            statements: &["CREATE ROLE carl LOGIN; CREATE ROLE guest LOGIN"],
            ..Setup::default()
        });
        World { server, authority, clients }
    })
}

impl World {
    /// Connects as `guest`; whether TLS is in use, as the server sees it.
    fn dial(&self, parameters: &str) -> Result<bool, Error> {
        dial_from(
            "/nonexistent",
            &format!("{} dbname=postgres user=guest {parameters}", self.server.network()),
        )
    }

    fn fails(&self, parameters: &str) -> Error {
        let error = self.dial(parameters).expect_err(parameters);
        assert_eq!(error.code(), "tls", "{error}");
        error
    }

    fn roots(&self) -> String {
        self.server.directory.file("roots.crt", &self.authority.certificate)
    }

    fn show(&self, name: &str, pair: &Pair) -> String {
        let certificate = self.server.directory.file(&format!("{name}.crt"), &pair.certificate);
        let key = self.server.directory.file(&format!("{name}.key"), &pair.key);
        format!("sslcert={certificate} sslkey={key}")
    }
}

/// Connects from a home directory; whether TLS is in use, as the server sees it.
fn dial_from(home: &str, parameters: &str) -> Result<bool, Error> {
    let target = crate::server::target(parameters, &[("HOME", home)])?;
    let encrypted = target.dial()?.is_encrypted;
    let mut session = Session::open(&target)?;
    let row = session.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")?;
    assert_eq!(row.is_true(0), encrypted);
    Ok(encrypted)
}

#[test]
fn modes_that_do_not_verify_encrypt_or_not_as_they_say() {
    let world = world();
    for (mode, encrypted) in [("disable", false), ("allow", false), ("prefer", true), ("require", true)] {
        assert_eq!(world.dial(&format!("sslmode={mode}")).unwrap(), encrypted, "{mode}");
    }
    let socket = format!("{} dbname=postgres user=admin sslmode=require", world.server.socket());
    assert!(!dial_from("/nonexistent", &socket).unwrap(), "there is no TLS on a socket");
}

#[test]
fn both_versions_of_tls_work_with_every_key() {
    let world = world();
    for limits in ["ssl_max_protocol_version=TLSv1.2", "ssl_min_protocol_version=TLSv1.3"] {
        assert!(
            world.dial(&format!("sslmode=verify-full sslrootcert={} {limits}", world.roots())).unwrap(),
            "{limits}"
        );
    }
}

#[test]
fn verify_full_checks_the_name_and_verify_ca_does_not() {
    let world = world();
    let at = |name: &str, mode: &str| {
        let place = format!("host={name} hostaddr=127.0.0.1 port={}", world.server.port);
        let parameters =
            format!("{place} dbname=postgres user=guest sslmode={mode} sslrootcert={}", world.roots());
        dial_from("/nonexistent", &parameters)
    };
    for good in ["db.test", "DB.test", "any.wild.test", "127.0.0.1"] {
        assert!(at(good, "verify-full").unwrap(), "{good}");
    }
    for bad in ["other.test", "ignored", "a.any.wild.test", "wild.test", "127.0.0.2"] {
        let error = at(bad, "verify-full").expect_err(bad);
        let said = error.to_string();
        assert!(said.contains(bad) && said.contains("db.test, *.wild.test, 127.0.0.1"), "{said}");
        assert!(at(bad, "verify-ca").unwrap(), "{bad}");
    }
}

#[test]
fn an_unknown_authority_is_named_and_a_way_out_given() {
    let world = world();
    let others = world.server.directory.file("others.crt", &Authority::new("other roots").certificate);
    for mode in ["verify-ca", "verify-full", "require"] {
        let error = world.fails(&format!("sslmode={mode} sslrootcert={others}"));
        assert!(error.to_string().contains("our roots"), "{error}");
        assert!(error.advice().unwrap().contains("sslrootcert"), "{error:?}");
    }
    let fell_back = world.dial(&format!("sslmode=prefer sslrootcert={others}")).unwrap();
    assert!(!fell_back, "prefer goes on without TLS when the certificate is not trusted, as libpq does");
}

#[test]
fn a_root_file_in_the_home_directory_makes_require_verify() {
    let world = world();
    let home = crate::server::Directory::new();
    let parameters = format!("{} dbname=postgres user=guest sslmode=require", world.server.network());
    let at_home = || dial_from(&home.0.display().to_string(), &parameters);
    assert!(at_home().unwrap());
    home.file(".postgresql/root.crt", &Authority::new("other roots").certificate);
    assert_eq!(at_home().unwrap_err().code(), "tls");
    home.file(".postgresql/root.crt", &world.authority.certificate);
    assert!(at_home().unwrap());
}

#[test]
fn the_systems_store_is_trusted_when_asked_and_only_with_verify_full() {
    const NAME: &str = "encryption::the_systems_store_is_trusted_when_asked_and_only_with_verify_full";
    const PLACE: &str = "CONNECTIONS_TEST_PLACE";
    if let Ok(place) = std::env::var(PLACE) {
        let parameters = format!("{place} dbname=postgres user=guest sslrootcert=system");
        assert!(crate::server::target(&parameters, &[]).unwrap().dial().unwrap().is_encrypted);
        return;
    }
    let world = world();
    let run = |roots: &str| {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", NAME]).env(PLACE, world.server.network()).env("SSL_CERT_FILE", roots);
        again.output().unwrap().status.success()
    };
    assert!(run(&world.roots()));
    assert!(!run(&world.server.directory.file("others.crt", &Authority::new("other roots").certificate)));
    let error = world.dial("sslrootcert=system sslmode=require").unwrap_err();
    assert!(error.to_string().contains("verify-full"), "{error}");
}

#[test]
fn a_missing_root_file_stops_the_modes_that_need_it() {
    let world = world();
    for mode in ["verify-ca", "verify-full"] {
        let error = world.dial(&format!("sslmode={mode} sslrootcert=/nonexistent/root.crt")).unwrap_err();
        assert_eq!(error.class().exit_code(), 2);
        assert!(error.to_string().contains("/nonexistent/root.crt"), "{error}");
    }
    assert!(world.dial("sslmode=require sslrootcert=/nonexistent/root.crt").unwrap());
}

#[test]
fn an_expired_certificate_is_told_with_its_date() {
    let authority = Authority::new("our roots");
    let server = Server::start(&Setup {
        certificate: Some(&authority.sign_expired("db.test", &["db.test"])),
        access: "host all all all trust",
        ..Setup::default()
    });
    let roots = server.directory.file("roots.crt", &authority.certificate);
    let parameters = format!("{} dbname=postgres user=admin", server.network());
    let error =
        server.target(&format!("{parameters} sslmode=verify-ca sslrootcert={roots}")).dial().err().unwrap();
    assert!(error.to_string().contains("expired on") && error.to_string().contains("2001"), "{error}");
    assert!(server.target(&format!("{parameters} sslmode=require")).dial().unwrap().is_encrypted);
}

#[test]
fn a_certificate_that_signs_itself_is_trusted_when_it_is_the_root() {
    let pair = self_signed("db.test");
    let server = Server::start(&Setup {
        certificate: Some(&pair),
        access: "host all guest all scram-sha-256",
        statements: &["SET password_encryption = 'scram-sha-256'; CREATE ROLE guest LOGIN PASSWORD 'secret'"],
        ..Setup::default()
    });
    let roots = server.directory.file("roots.crt", &pair.certificate);
    for limit in ["TLSv1.2", "TLSv1.3"] {
        let parameters = format!(
            "{} dbname=postgres user=guest password=secret sslmode=verify-full sslrootcert={roots} \
             channel_binding=require ssl_max_protocol_version={limit}",
            server.network()
        );
        let dialed = server.target(&parameters).dial();
        assert!(dialed.unwrap_or_else(|error| panic!("{limit}: {error}")).is_encrypted);
    }
}

#[test]
fn a_revoked_certificate_is_refused() {
    let world = world();
    let verify = format!("sslmode=verify-full sslrootcert={}", world.roots());
    let none = world.server.directory.file("none.crl", &world.authority.list(false));
    let all = world.server.directory.file("lists/all.crl", &world.authority.list(true));
    assert!(world.dial(&format!("{verify} sslcrl={none}")).unwrap());
    assert!(world.fails(&format!("{verify} sslcrl={all}")).to_string().contains("revoked"));
    let lists = world.server.directory.0.join("lists");
    assert!(world.fails(&format!("{verify} sslcrldir={}", lists.display())).to_string().contains("revoked"));
}

#[test]
fn our_certificate_lets_us_in() {
    let world = world();
    let shown = world.show("carl", &world.clients.sign("carl", &[]));
    let parameters =
        |more: &str| format!("{} dbname=postgres user=carl sslmode=require {more}", world.server.network());
    for limit in ["TLSv1.2", "TLSv1.3"] {
        let limit = format!("ssl_max_protocol_version={limit}");
        assert!(dial_from("/nonexistent", &parameters(&format!("{shown} {limit}"))).unwrap());
    }
    let required = parameters(&format!("{shown} sslcertmode=require"));
    assert!(dial_from("/nonexistent", &required).unwrap());
    for without in ["", &format!("{shown} sslcertmode=disable")] {
        let error = dial_from("/nonexistent", &parameters(without)).unwrap_err();
        assert_eq!(error.code(), "authentication_failed", "{error}");
    }
    let stranger = world.show("stranger", &Authority::new("strangers").sign("carl", &[]));
    for limit in ["TLSv1.2", "TLSv1.3"] {
        let limit = format!("ssl_max_protocol_version={limit}");
        let error = dial_from("/nonexistent", &parameters(&format!("{stranger} {limit}"))).unwrap_err();
        assert_eq!(error.code(), "tls", "{error}");
        assert!(error.to_string().contains("client certificate"), "{error}");
    }
}

#[test]
fn our_certificate_is_found_in_the_home_directory() {
    let world = world();
    let home = crate::server::Directory::new();
    let pair = world.clients.sign("carl", &[]);
    home.file(".postgresql/postgresql.crt", &pair.certificate);
    home.file(".postgresql/postgresql.key", &pair.key);
    let parameters = format!("{} dbname=postgres user=carl sslmode=require", world.server.network());
    assert!(dial_from(&home.0.display().to_string(), &parameters).unwrap());
}

#[test]
fn a_private_key_must_be_ours_alone_and_fit_and_be_without_a_passphrase() {
    let world = world();
    let (carl, other) = (world.clients.sign("carl", &[]), world.clients.sign("other", &[]));
    let shown = world.show("open", &carl);
    let key = world.server.directory.0.join("open.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let error = world.fails(&format!("sslmode=require {shown}"));
    assert!(error.advice().unwrap().contains("chmod 0600"), "{error:?}");

    let mixed = world.show("mixed", &Pair { certificate: carl.certificate, key: other.key });
    assert!(world.fails(&format!("sslmode=require {mixed}")).to_string().contains("does not belong"));

    let begin = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let locked = world.show("locked", &Pair { certificate: other.certificate, key: begin.to_owned() });
    assert!(world.fails(&format!("sslmode=require {locked}")).to_string().contains("passphrase"));
}

#[test]
fn a_server_without_tls_is_refused_when_tls_is_required() {
    let server = Server::start(&Setup { access: "host all all all trust", ..Setup::default() });
    let at = |mode: &str| {
        server.target(&format!("{} dbname=postgres user=admin sslmode={mode}", server.network())).dial()
    };
    let error = at("require").err().unwrap();
    assert_eq!(error.code(), "tls");
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
    assert!(!at("prefer").unwrap().is_encrypted);
}

#[test]
fn tls_from_the_first_byte_works_where_the_server_can() {
    let world = world();
    let version: u32 =
        world.server.admin("postgres").query_one("SHOW server_version_num").unwrap().number(0).unwrap();
    let direct = world.dial("sslmode=require sslnegotiation=direct");
    if version >= 170_000 {
        assert!(direct.unwrap());
    } else {
        assert!(direct.is_err());
    }
    assert!(
        world
            .dial("sslmode=prefer sslnegotiation=direct")
            .unwrap_err()
            .to_string()
            .contains("sslmode=require")
    );
}
