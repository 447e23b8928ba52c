//! Who we are: passwords in every form, where they come from, what is refused.

use crate::certificates::Authority;
use crate::server::{Server, Setup, shared, target};
use common::error::Error;
use common::pg::session::Session;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex, Weak};

/// A server whose roles log in each in a way of its own, all with the password `it's`.
fn server() -> Arc<Server> {
    static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    shared(&SERVER, || {
        Server::start(&Setup {
            certificate: Some(&Authority::new("roots").sign("db.test", &["db.test"])),
            access: "local all hashed md5\nlocal all clear password\nhost all hashed all md5\n\
                     hostssl shop secure all scram-sha-256\nhostnossl shop open all scram-sha-256\n\
                     local all all scram-sha-256\nhost postgres all all scram-sha-256",
            statements: &[
                "CREATE DATABASE shop",
                "SET password_encryption = 'md5'; CREATE ROLE hashed LOGIN PASSWORD 'it''s'",
                "SET password_encryption = 'scram-sha-256'; CREATE ROLE scrambled LOGIN PASSWORD 'it''s'; \
                 CREATE ROLE clear LOGIN PASSWORD 'it''s'; CREATE ROLE secure LOGIN PASSWORD 'it''s'; \
                 CREATE ROLE open LOGIN PASSWORD 'it''s'",
            ],
            ..Setup::default()
        })
    })
}

const PASSWORD: &str = r"password='it\'s'";

fn refusal(server: &Server, parameters: &str) -> Error {
    server.target(parameters).dial().err().expect("this login should have failed")
}

fn works(server: &Server, parameters: &str) {
    let mut session =
        Session::open(&server.target(parameters)).unwrap_or_else(|error| panic!("{parameters}: {error}"));
    assert_eq!(session.query_one("SELECT 1").unwrap().text(0), "1");
}

#[test]
fn every_kind_of_password_login_works() {
    let server = server();
    for user in ["scrambled", "hashed", "clear"] {
        works(&server, &format!("{} dbname=postgres user={user} {PASSWORD}", server.socket()));
    }
    for user in ["scrambled", "hashed"] {
        works(
            &server,
            &format!("{} dbname=postgres user={user} {PASSWORD} sslmode=disable", server.network()),
        );
    }
}

#[test]
fn a_wrong_password_is_told_with_role_and_host_and_not_shown() {
    let server = server();
    for user in ["scrambled", "hashed", "clear"] {
        let error =
            refusal(&server, &format!("{} dbname=postgres user={user} password=s3cret", server.socket()));
        assert_eq!(
            (error.code(), error.sqlstate(), error.class().exit_code()),
            ("authentication_failed", Some("28P01"), 3)
        );
        let said = format!("{error} {error:?}");
        assert!(said.contains(user) && said.contains(&server.port.to_string()), "{said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
}

#[test]
fn a_missing_password_is_told_with_the_way_out() {
    let server = server();
    let error = refusal(&server, &format!("{} dbname=postgres user=scrambled", server.socket()));
    assert_eq!(error.code(), "authentication_failed");
    assert!(error.advice().unwrap().contains("PGPASSWORD"), "{error:?}");
}

#[test]
fn the_password_file_gives_the_password_unless_others_may_read_it() {
    let server = server();
    let line = format!(
        "localhost:*:*:*:wrong\n{}:{}:postgres:scrambled:it's\n",
        server.directory.0.display(),
        server.port
    );
    let file = server.directory.file("passwords", &line);
    let parameters = format!("{} user=scrambled passfile={file}", server.socket());
    works(&server, &format!("{parameters} dbname=postgres"));
    let other_database = server.target(&format!("{parameters} dbname=postgres")).with_database("shop").dial();
    assert!(other_database.err().unwrap().to_string().contains("there is none"));

    let wrong = server.directory.file("wrong", "*:*:*:*:no");
    let error =
        refusal(&server, &format!("{} user=scrambled dbname=postgres passfile={wrong}", server.socket()));
    assert!(error.advice().unwrap().contains(&wrong), "{error:?}");

    let open = server.directory.file("open", &line);
    fs::set_permissions(&open, fs::Permissions::from_mode(0o640)).unwrap();
    let target =
        server.target(&format!("{} user=scrambled dbname=postgres passfile={open}", server.socket()));
    assert!(target.warnings()[0].contains("chmod 0600"), "{:?}", target.warnings());
    assert!(target.dial().err().unwrap().to_string().contains("there is none"));
}

#[test]
fn the_password_never_shows_in_a_target() {
    let target = target("postgresql://u:s3cret@h/d", &[("HOME", "/nonexistent")]).unwrap();
    let pinned = target.with_database("other").with_application_name("test");
    let shown = format!("{target:?} {pinned:?} {} {:?}", target.describe(), target.warnings());
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn channel_binding_is_used_when_it_is_required_and_possible() {
    let server = server();
    let bound = format!("dbname=postgres {PASSWORD} channel_binding=require");
    works(&server, &format!("{} user=scrambled sslmode=require {bound}", server.network()));
    for (way, user) in [("sslmode=disable", "scrambled"), ("sslmode=require", "hashed")] {
        let error = refusal(&server, &format!("{} user={user} {way} {bound}", server.network()));
        assert!(error.to_string().contains("channel"), "{error}");
    }
    let error =
        refusal(&server, &format!("{} user=admin dbname=postgres channel_binding=require", server.socket()));
    assert!(error.to_string().contains("channel_binding=require"), "{error}");
    works(
        &server,
        &format!(
            "{} user=scrambled sslmode=require dbname=postgres {PASSWORD} channel_binding=disable",
            server.network()
        ),
    );
}

#[test]
fn the_server_may_ask_only_for_what_require_auth_allows() {
    let server = server();
    let base = format!("{} dbname=postgres {PASSWORD}", server.socket());
    works(&server, &format!("{base} user=scrambled require_auth=scram-sha-256"));
    works(&server, &format!("{base} user=hashed require_auth=!password"));
    works(&server, &format!("{base} user=admin require_auth=none"));
    for (user, allowed) in [
        ("clear", "!password"),
        ("clear", "scram-sha-256,md5"),
        ("hashed", "scram-sha-256"),
        ("admin", "!none"),
    ] {
        let error = refusal(&server, &format!("{base} user={user} require_auth={allowed}"));
        assert!(error.to_string().contains("require_auth"), "{error}");
    }
}

#[test]
fn prefer_and_allow_try_the_other_way_and_tell_both_failures() {
    let server = server();
    let base = format!("{} dbname=shop {PASSWORD}", server.network());
    for (user, mode) in [
        ("secure", "prefer"),
        ("secure", "allow"),
        ("secure", "require"),
        ("open", "prefer"),
        ("open", "allow"),
    ] {
        works(&server, &format!("{base} user={user} sslmode={mode}"));
    }
    let error = refusal(&server, &format!("{base} user=open sslmode=require"));
    assert_eq!((error.code(), error.sqlstate()), ("authentication_failed", Some("28000")));
    assert!(error.advice().unwrap().contains("pg_hba.conf"), "{error:?}");
    let error =
        refusal(&server, &format!("{} dbname=shop user=secure password=no sslmode=prefer", server.network()));
    assert_eq!(error.sqlstate(), Some("28P01"));
    assert!(error.to_string().contains("without TLS: no pg_hba.conf entry"), "{error}");
}

#[test]
fn a_missing_database_has_its_own_code() {
    let server = server();
    let error = refusal(&server, &format!("{} dbname=nowhere user=admin", server.socket()));
    assert_eq!((error.code(), error.sqlstate()), ("no_such_database", Some("3D000")));
}

#[test]
fn the_newest_protocol_is_spoken_or_what_the_server_knows_instead() {
    let server = server();
    works(&server, &format!("{} dbname=postgres user=admin max_protocol_version=latest", server.socket()));
    let asked =
        server.target(&format!("{} dbname=postgres user=admin min_protocol_version=3.2", server.socket()));
    if let Err(error) = asked.dial() {
        assert!(error.to_string().contains("min_protocol_version"), "{error}");
    }
}
