//! The same options, files and variables lead us and psql to the same place.

use crate::server::{Directory, Server, Setup, program, shared};
use common::pg::session::Session;
use common::pg::target::{ConnectOptions, Target, child_removed};
use std::process::Command;
use std::sync::{Arc, Mutex, Weak};

const WHERE: &str = "SELECT current_user, current_database(), coalesce(inet_server_port()::text, 'socket'), \
                     current_setting('statement_timeout')";

fn server() -> Arc<Server> {
    static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    shared(&SERVER, || {
        Server::start(&Setup {
            access: "local all all trust\nhost all locked all scram-sha-256\nhost all all all trust",
            statements: &[
                "CREATE DATABASE shop",
                "CREATE DATABASE \"a=b\"",
                "CREATE ROLE alice LOGIN",
                "CREATE DATABASE alice",
                "SET password_encryption = 'scram-sha-256'; CREATE ROLE locked LOGIN PASSWORD 'pass:\\word'",
            ],
            ..Setup::default()
        })
    })
}

/// One way to say where to go; `{S}` stands for the socket's directory, `{P}` for the port, `{F}` for the service file.
struct Case {
    options: [&'static str; 4],
    variables: &'static [(&'static str, &'static str)],
}

const fn case(options: [&'static str; 4], variables: &'static [(&'static str, &'static str)]) -> Case {
    Case { options, variables }
}

/// Options are -d, -h, -p, -U; an empty one is not given.
const LEADING: &[Case] = &[
    case(["shop", "{S}", "{P}", "alice"], &[]),
    case(["", "{S}", "{P}", "alice"], &[]),
    case(
        ["", "", "", ""],
        &[("PGHOST", "{S}"), ("PGPORT", "{P}"), ("PGUSER", "alice"), ("PGDATABASE", "shop")],
    ),
    case(["host={S} port={P} user=alice dbname=shop", "/wrong", "1", "wrong"], &[]),
    case(["user=alice dbname=shop", "{S}", "{P}", "wrong"], &[("PGUSER", "wrong")]),
    case(["dbname = 'a=b' host={S} port= {P} user='al\\ice'", "", "", ""], &[]),
    case(["postgresql://alice@127.0.0.1:{P}/shop", "/wrong", "1", ""], &[]),
    case(["postgres://?host={S}&port={P}&user=alice&dbname=a%3Db", "", "", ""], &[]),
    case(["postgres://alice@[::1]:1,127.0.0.1:{P}/", "", "", ""], &[("PGDATABASE", "shop")]),
    case(["hostaddr=127.0.0.1 host=nowhere.invalid", "", "{P}", "alice"], &[("PGDATABASE", "shop")]),
    case(["", "nowhere.invalid", "{P}", "alice"], &[("PGHOSTADDR", "127.0.0.1")]),
    case(["shop", "", "", "alice"], &[("PGHOST", "/nonexistent,127.0.0.1"), ("PGPORT", "1,{P}")]),
    case(["service=one", "", "", ""], &[("PGSERVICEFILE", "{F}"), ("PGUSER", "wrong")]),
    case(["service=one dbname=a\\=b", "", "", ""], &[("PGSERVICEFILE", "{F}")]),
    case(
        ["", "", "", ""],
        &[("PGSERVICEFILE", "{F}"), ("PGSERVICE", "two"), ("PGPORT", "{P}"), ("PGHOST", "{S}")],
    ),
    case(["shop", "{S}", "{P}", "alice"], &[("PGOPTIONS", "-c statement_timeout=4321")]),
    case(["shop", "127.0.0.1", "{P}", "locked"], &[("PGPASSWORD", "pass:\\word")]),
    case(["shop", "127.0.0.1", "{P}", "locked"], &[]),
    case(["shop", "{S}", "{P}", "alice"], &[("PGTARGETSESSIONATTRS", "read-write")]),
    case(["postgresql://alice:x@127.0.0.1:{P}/shop?sslmode=disable&connect_timeout=3", "", "", ""], &[]),
    case(["shop", "{S},127.0.0.1", "1,{P}", "alice"], &[]),
];

/// What leads psql nowhere.
const WRONG: &[Case] = &[
    case(["host='' dbname=shop", "{S}", "{P}", "alice"], &[("PGHOST", "{S}")]),
    case(["service=two", "/wrong", "1", ""], &[("PGSERVICEFILE", "{F}"), ("PGPORT", "{P}")]),
    case(["service=none", "", "", ""], &[("PGSERVICEFILE", "{F}")]),
    case(["service=bad", "", "", ""], &[("PGSERVICEFILE", "{F}")]),
    case(["a=b", "{S}", "{P}", "alice"], &[]),
    case(["shop", "{S}", "{P}", "alice"], &[("PGSSLMODE", "nonsense")]),
    case(["shop", "127.0.0.1", "{P}", "alice"], &[("PGREQUIRESSL", "1")]),
    case(["shop", "{S},127.0.0.1", "1,{P},3", "alice"], &[]),
];

/// What a case gives: `user|database|port|timeout` as psql prints it, or what psql complains of; and the same of ours.
fn both(case: &Case, fill: &dyn Fn(&str) -> String) -> (Result<String, String>, Result<String, String>) {
    let [name, host, port, user] =
        case.options.map(|option| Some(fill(option)).filter(|text| !text.is_empty()));
    let variables = case.variables.iter().chain(&[("HOME", "{H}")]);
    let env: Vec<(String, String)> = variables.map(|(key, value)| ((*key).to_owned(), fill(value))).collect();

    let mut psql = Command::new(program("psql"));
    psql.args(["-X", "-w", "-A", "-t", "-c", WHERE]);
    for (flag, value) in [("-d", &name), ("-h", &host), ("-p", &port), ("-U", &user)] {
        if let Some(value) = value {
            psql.args([flag, value]);
        }
    }
    for variable in child_removed() {
        psql.env_remove(variable);
    }
    let output = psql.envs(env.clone()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let theirs = if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) };

    let options = ConnectOptions { dbname: name, host, port, username: user };
    let find = |name: &str| env.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let ours = Target::resolve_with(&options, &find)
        .and_then(|target| Session::open(&target)?.query_one(WHERE))
        .map(|row| (0..4).map(|index| row.text(index).to_owned()).collect::<Vec<_>>().join("|"));
    (theirs, ours.map_err(|error| error.to_string()))
}

#[test]
fn every_way_to_say_where_leads_where_psql_goes() {
    let server = server();
    let home = Directory::new();
    home.file(".pgpass", "127.0.0.1:*:shop:locked:pass\\:\\\\word\n");
    let fill = |text: &str| {
        let text = text.replace("{S}", &server.directory.0.display().to_string());
        let text = text.replace("{P}", &server.port.to_string());
        let text = text.replace("{H}", &home.0.display().to_string());
        text.replace("{F}", &home.0.join("services").display().to_string())
    };
    let services = "[one]\nhost={S}\nport={P}\nuser=alice\ndbname=shop\n\
                    [two]\nuser=alice\ndbname=shop\nhost={S}\n[bad]\nnokey=1\n";
    home.file("services", &fill(services));
    for (number, case) in LEADING.iter().enumerate() {
        let (theirs, ours) = both(case, &fill);
        assert_eq!(theirs, ours, "case {number}, {:?} {:?}", case.options, case.variables);
        assert!(ours.is_ok(), "case {number}: {ours:?}");
    }
    for (number, case) in WRONG.iter().enumerate() {
        let (theirs, ours) = both(case, &fill);
        assert!(theirs.is_err() && ours.is_err(), "wrong case {number}: {theirs:?} {ours:?}");
    }
}

#[test]
fn without_a_word_role_and_database_are_the_systems_user() {
    let output = Command::new("id").arg("-un").output().unwrap();
    let name = String::from_utf8(output.stdout).unwrap();
    let target = Target::resolve_with(&ConnectOptions::default(), &|_| None).unwrap();
    assert_eq!((target.user(), target.database(), target.port()), (name.trim(), name.trim(), 5432));
}

#[test]
fn a_child_reaches_what_we_reach_whatever_it_inherits() {
    let server = server();
    let target = crate::server::target(
        &format!(
            "host=nowhere.invalid,db.test hostaddr=127.0.0.1,127.0.0.1 port=1,{} user=locked dbname=a\\=b \
             password='pass:\\\\word' options='-c statement_timeout=4321' application_name=child",
            server.port
        ),
        &[("HOME", "/nonexistent")],
    )
    .unwrap();
    for target in [target.clone(), target.pinned_to(&target.dial().unwrap())] {
        let run = |sql: &str| {
            let mut psql = Command::new(program("psql"));
            psql.args(["-X", "-w", "-A", "-t", "-c", sql]);
            psql.envs([
                ("PGHOST", "/wrong"),
                ("PGHOSTADDR", "::9"),
                ("PGSERVICE", "wrong"),
                ("PGSSLMODE", "verify-full"),
            ]);
            for variable in child_removed() {
                psql.env_remove(variable);
            }
            let output = psql.envs(target.child_environment()).output().unwrap();
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
                + &String::from_utf8_lossy(&output.stderr)
        };
        assert_eq!(run(WHERE), format!("locked|a=b|{}|4321ms", server.port));
        assert_eq!(run("SHOW application_name"), "child");
    }
}

#[test]
fn what_is_wrong_in_an_option_is_told_before_anything_is_tried() {
    for (parameters, named) in [
        ("nokey=1", "\"nokey\""),
        ("sslmode=nonsense", "sslmode"),
        ("gssencmode=require", "gssencmode"),
        ("requirepeer=postgres", "requirepeer"),
        ("oauth_issuer=x", "oauth_issuer"),
        ("connect_timeout=soon", "connect_timeout"),
        ("target_session_attrs=best", "target_session_attrs"),
        ("load_balance_hosts=yes", "load_balance_hosts"),
        ("channel_binding=yes", "channel_binding"),
        ("require_auth=kerberos", "kerberos"),
        ("ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2", "ssl_min_protocol_version"),
        ("ssl_max_protocol_version=TLSv1.1", "1.2"),
        ("sslkey=engine:1 sslcert=/x", "engine"),
        ("min_protocol_version=latest max_protocol_version=3.0", "min_protocol_version"),
        ("replication=database", "replication"),
    ] {
        let error = crate::server::target(parameters, &[("HOME", "/nonexistent")]).expect_err(parameters);
        assert_eq!(error.class().exit_code(), 2, "{parameters}");
        assert!(error.to_string().contains(named), "{error}");
    }
    for ignored in
        ["gssencmode=prefer", "krbsrvname=x", "replication=off", "sslcompression=1", "client_encoding=auto"]
    {
        assert!(crate::server::target(ignored, &[("HOME", "/nonexistent")]).is_ok(), "{ignored}");
    }
}
