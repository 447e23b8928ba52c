//! Which server: several hosts, wanted kinds, timeouts; and what can be done with the one that was found.

use crate::certificates::Authority;
use crate::server::{Server, Setup, shared, target};
use common::error::Error;
use common::pg::session::Session;
use common::pg::target::Target;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, Weak};
use std::thread;

fn server() -> Arc<Server> {
    static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    shared(&SERVER, || {
        Server::start(&Setup {
            certificate: Some(&Authority::new("roots").sign("db.test", &["db.test"])),
            access: "host all all all trust",
            statements: &[
                "CREATE DATABASE still",
                "ALTER DATABASE still SET default_transaction_read_only = on",
            ],
            ..Setup::default()
        })
    })
}

/// A port where nobody listens.
fn dead_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn find(parameters: &str) -> Target {
    target(parameters, &[("HOME", "/nonexistent")]).unwrap()
}

fn refusal(parameters: &str) -> Error {
    find(parameters).dial().err().expect("this should have failed")
}

#[test]
fn a_dead_host_is_passed_over_and_the_found_one_pinned() {
    let server = server();
    let ports = format!("port={},{}", dead_port(), server.port);
    let target = find(&format!("host=127.0.0.1,localhost {ports} user=admin dbname=postgres"));
    let dialed = target.dial().unwrap();
    assert_eq!((dialed.host.name.as_str(), dialed.host.port), ("localhost", server.port));
    let pinned = target.pinned_to(&dialed);
    assert_eq!((pinned.host(), pinned.port()), ("localhost", server.port));
    assert_eq!(pinned.dial().unwrap().host, dialed.host);
}

#[test]
fn when_all_fail_every_host_is_named_with_its_reason() {
    let (first, second) = (dead_port(), dead_port());
    let error = refusal(&format!(
        "host=127.0.0.1,no-such-host.invalid,/nonexistent port={first},1,{second} user=admin dbname=postgres"
    ));
    assert_eq!((error.code(), error.class().exit_code()), ("connection_failed", 3));
    let said = error.to_string();
    for part in [
        &format!("127.0.0.1:{first}: Connection refused"),
        "no-such-host.invalid:1: cannot look up",
        "/nonexistent/",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn one_host_that_refuses_is_told_with_the_target_and_a_way_out() {
    let port = dead_port();
    let error = refusal(&format!("host=127.0.0.1 port={port} user=alice dbname=shop"));
    let expected =
        format!("cannot connect to database \"shop\" on 127.0.0.1:{port} as \"alice\": Connection refused");
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(error.advice().is_some());
}

#[test]
fn a_failed_login_is_final_whatever_hosts_are_left() {
    let server = server();
    let error = refusal(&format!(
        "host=127.0.0.1,127.0.0.1,localhost port={},{},{} user=nobody dbname=postgres",
        dead_port(),
        server.port,
        server.port
    ));
    assert_eq!(error.sqlstate(), Some("28000"));
    let said = error.to_string();
    assert!(said.contains("Connection refused") && !said.contains("localhost"), "{said}");
}

#[test]
fn servers_of_another_kind_are_passed_over() {
    let server = server();
    let standby =
        Server::start(&Setup { access: "host all all all trust", is_standby: true, ..Setup::default() });
    let find = |wanted: &str, database: &str| {
        let both = format!("host=127.0.0.1,127.0.0.1 port={},{}", server.port, standby.port);
        find(&format!("{both} user=admin dbname={database} target_session_attrs={wanted}"))
    };
    for (wanted, database, expected) in [
        ("any", "postgres", server.port),
        ("primary", "postgres", server.port),
        ("read-write", "postgres", server.port),
        ("read-only", "still", server.port),
        ("standby", "postgres", standby.port),
        ("read-only", "postgres", standby.port),
        ("prefer-standby", "postgres", standby.port),
    ] {
        let target = find(wanted, database);
        let dialed = target.dial().unwrap_or_else(|error| panic!("{wanted}: {error}"));
        assert_eq!(dialed.host.port, expected, "{wanted} {database}");
        assert_eq!(target.pinned_to(&dialed).dial().unwrap().host.port, expected);
    }
    let only = format!("host=127.0.0.1 port={} user=admin", server.port);
    let error = refusal(&format!("{only} dbname=still target_session_attrs=read-write"));
    assert!(error.to_string().contains("the session is read-only"), "{error}");
    let alone = crate::hosts::find(&format!("{only} dbname=postgres target_session_attrs=prefer-standby"));
    assert_eq!(alone.dial().unwrap().host.port, server.port);
}

#[test]
fn a_server_that_takes_no_connections_yet_is_passed_over_and_has_its_own_code() {
    let server = server();
    let starting = Server::start(&Setup { is_closed: true, ..Setup::default() });
    let error = refusal(&format!("{} user=admin dbname=postgres", starting.network()));
    assert_eq!((error.code(), error.sqlstate()), ("starting_up", Some("57P03")));
    let both = format!("hostaddr=127.0.0.1,127.0.0.1 port={},{}", starting.port, server.port);
    assert_eq!(find(&format!("{both} user=admin dbname=postgres")).dial().unwrap().host.port, server.port);
}

#[test]
fn a_host_that_never_answers_costs_the_timeout_and_no_more() {
    let server = server();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let ports = format!("{},{}", silent.local_addr().unwrap().port(), server.port);
    let rest = "user=admin dbname=postgres connect_timeout=1";
    for mode in ["disable", "prefer", "require"] {
        let target = find(&format!("host=127.0.0.1,127.0.0.1 port={ports} {rest} sslmode={mode}"));
        assert_eq!(target.dial().unwrap().host.port, server.port, "{mode}");
    }
    let error = refusal(&format!("host=127.0.0.1 port={} {rest}", silent.local_addr().unwrap().port()));
    assert!(error.to_string().contains("timeout expired"), "{error}");
}

#[test]
fn connecting_stops_when_it_is_told_to() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for mode in ["disable", "prefer"] {
        let target = find(&format!("host=127.0.0.1 port={port} user=u dbname=d sslmode={mode}"));
        let error = target.stop_when(|| true).dial().err().unwrap();
        assert_eq!(error.class().exit_code(), 5, "{error}");
    }
}

#[test]
fn something_that_is_no_server_is_told() {
    let fake = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = fake.local_addr().unwrap().port();
    let answering = thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = fake.accept().unwrap();
        let _ = stream.read(&mut [0; 64]);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    let error = refusal(&format!("host=127.0.0.1 port={port} user=u dbname=d sslmode=disable"));
    answering.join().unwrap();
    assert_eq!(error.class().exit_code(), 3, "{error}");
}

#[test]
fn random_order_reaches_a_server_among_dead_hosts() {
    let server = server();
    let ports = format!("{},{},{}", dead_port(), server.port, dead_port());
    let target = find(&format!(
        "host=127.0.0.1,127.0.0.1,127.0.0.1 port={ports} user=admin dbname=postgres load_balance_hosts=random"
    ));
    assert_eq!(target.dial().unwrap().host.port, server.port);
}

#[test]
fn a_statement_is_cancelled_from_outside_with_tls_and_without() {
    let server = server();
    for mode in ["disable", "require"] {
        let target = find(&format!("{} user=admin dbname=postgres sslmode={mode}", server.network()));
        let mut session = Session::open(&target).unwrap();
        let (pid, canceller) = (session.announced_pid(), session.canceller());
        let running = thread::spawn(move || session.execute("SELECT pg_sleep(600)").unwrap_err());
        let mut watch = server.admin("postgres");
        let sleeping = format!(
            "SELECT wait_event IS NOT DISTINCT FROM 'PgSleep' FROM pg_stat_activity WHERE pid = {pid}"
        );
        while !watch.query_one(&sleeping).unwrap().is_true(0) {}
        canceller.cancel().unwrap();
        assert_eq!(running.join().unwrap().sqlstate(), Some("57014"), "{mode}");
    }
}

#[test]
fn the_application_name_and_the_options_reach_the_server() {
    let server = server();
    let parameters = format!(
        "{} user=admin dbname=postgres options='-c statement_timeout=12345 -c test.note=a\\\\ b' \
         fallback_application_name=fallen keepalives_idle=30 keepalives_count=3 tcp_user_timeout=9000",
        server.network()
    );
    let show = |target: &Target, setting: &str| {
        Session::open(target).unwrap().query_one(&format!("SHOW {setting}")).unwrap().text(0).to_owned()
    };
    let target = find(&parameters);
    assert_eq!(show(&target, "statement_timeout"), "12345ms");
    assert_eq!(show(&target, "test.note"), "a b");
    assert_eq!(show(&target, "application_name"), "fallen");
    assert_eq!(show(&target.with_application_name("pgsnap"), "application_name"), "pgsnap");
    assert_eq!(show(&target, "client_encoding"), "UTF8");
}
