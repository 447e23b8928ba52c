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

/// One way to say where to go; `S` stands for the socket's directory, `P` for the port, `F` for the service file.
struct Case {
    options: [&'static str; 4],
    variables: &'static [(&'static str, &'static str)],
}

const fn case(options: [&'static str; 4], variables: &'static [(&'static str, &'static str)]) -> Case {
    Case { options, variables }
}

/// Options are -d, -h, -p, -U; an empty one is not given.
const CASES: &[Case] = &[
    case(["shop", "S", "P", "alice"], &[]),
    case(["", "S", "P", "alice"], &[]),
    case(["", "", "", ""], &[("PGHOST", "S"), ("PGPORT", "P"), ("PGUSER", "alice"), ("PGDATABASE", "shop")]),
    case(["host=S port=P user=alice dbname=shop", "/wrong", "1", "wrong"], &[]),
    case(["user=alice dbname=shop", "S", "P", "wrong"], &[("PGUSER", "wrong")]),
    case(["dbname = 'a=b' host=S port= P user='al\\ice'", "", "", ""], &[]),
    case(["postgresql://alice@127.0.0.1:P/shop", "/wrong", "1", ""], &[]),
    case(["postgres://?host=S&port=P&user=alice&dbname=a%3Db", "", "", ""], &[]),
    case(["postgres://alice@[::1]:1,127.0.0.1:P/", "", "", ""], &[("PGDATABASE", "shop")]),
    case(["hostaddr=127.0.0.1 host=nowhere.invalid", "", "P", "alice"], &[("PGDATABASE", "shop")]),
    case(["", "nowhere.invalid", "P", "alice"], &[("PGHOSTADDR", "127.0.0.1")]),
    case(["shop", "", "", "alice"], &[("PGHOST", "/nonexistent,127.0.0.1"), ("PGPORT", "1,P")]),
    case(["host='' dbname=shop", "S", "P", "alice"], &[("PGHOST", "S")]),
    case(["service=one", "", "", ""], &[("PGSERVICEFILE", "F"), ("PGUSER", "wrong")]),
    case(["service=one dbname=a\\=b", "", "", ""], &[("PGSERVICEFILE", "F")]),
    case(["", "", "", ""], &[("PGSERVICEFILE", "F"), ("PGSERVICE", "two"), ("PGPORT", "P"), ("PGHOST", "S")]),
    case(["service=two", "/wrong", "1", ""], &[("PGSERVICEFILE", "F"), ("PGPORT", "P")]),
    case(["service=none", "", "", ""], &[("PGSERVICEFILE", "F")]),
    case(["service=bad", "", "", ""], &[("PGSERVICEFILE", "F")]),
    case(["shop", "S", "P", "alice"], &[("PGOPTIONS", "-c statement_timeout=4321")]),
    case(["shop", "127.0.0.1", "P", "locked"], &[("PGPASSWORD", "pass:\\word")]),
    case(["shop", "127.0.0.1", "P", "locked"], &[]),
    case(["a=b", "S", "P", "alice"], &[]),
    case(["shop", "S", "P", "alice"], &[("PGSSLMODE", "nonsense")]),
    case(["shop", "S", "P", "alice"], &[("PGTARGETSESSIONATTRS", "read-write")]),
    case(["shop", "S", "P", "alice"], &[("PGREQUIRESSL", "1")]),
    case(["shop", "127.0.0.1", "P", "alice"], &[("PGREQUIRESSL", "1")]),
    case(["postgresql://alice:x@127.0.0.1:P/shop?sslmode=disable&connect_timeout=3", "", "", ""], &[]),
    case(["shop", "S,127.0.0.1", "1,P", "alice"], &[]),
    case(["shop", "S,127.0.0.1", "1,P,3", "alice"], &[]),
];

#[test]
fn every_way_to_say_where_leads_where_psql_goes() {
    let server = server();
    let home = Directory::new();
    home.file(".pgpass", "127.0.0.1:*:shop:locked:pass\\:\\\\word\n");
    let fill = |text: &str, services: &str| {
        let directory = server.directory.0.display().to_string();
        // Only whole upper-case letters standing alone in a value are place holders.
        let place = |word: char, value: &str, text: String| {
            let mut filled = String::new();
            let letters: Vec<char> = text.chars().collect();
            for (index, &letter) in letters.iter().enumerate() {
                let alone = |at: Option<&char>| at.is_none_or(|near| !near.is_alphanumeric());
                let before = index.checked_sub(1).and_then(|index| letters.get(index));
                if letter == word && alone(before) && alone(letters.get(index + 1)) {
                    filled.push_str(value);
                } else {
                    filled.push(letter);
                }
            }
            filled
        };
        let text = place('P', &server.port.to_string(), text.to_owned());
        place('F', services, place('S', &directory, text))
    };
    let services = fill(
        "[one]\nhost=S\nport=P\nuser=alice\ndbname=shop\n[two]\nuser=alice\ndbname=shop\nhost=S\n[bad]\nnokey=1\n",
        "",
    );
    let services = home.file("services", &services);
    for (number, Case { options, variables }) in CASES.iter().enumerate() {
        let [name, host, port, user] =
            options.map(|option| Some(fill(option, &services)).filter(|text| !text.is_empty()));
        let mut env: Vec<(String, String)> =
            variables.iter().map(|(key, value)| ((*key).to_owned(), fill(value, &services))).collect();
        env.push(("HOME".to_owned(), home.0.display().to_string()));

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
        let theirs = psql.envs(env.clone()).output().unwrap();
        let says = String::from_utf8_lossy(&theirs.stderr);

        let options = ConnectOptions { dbname: name, host, port, username: user };
        let find = |name: &str| env.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let ours = Target::resolve_with(&options, &find)
            .and_then(|target| Session::open(&target)?.query_one(WHERE))
            .map(|row| (0..4).map(|index| row.text(index).to_owned()).collect::<Vec<_>>().join("|"));
        match ours {
            Ok(ours) => {
                assert_eq!(
                    String::from_utf8_lossy(&theirs.stdout).trim(),
                    ours,
                    "case {number}: {options:?} {env:?}\n{says}"
                );
            }
            Err(error) => {
                assert!(
                    !theirs.status.success(),
                    "case {number}: psql can, we cannot: {error}\n{options:?} {env:?}"
                );
            }
        }
    }
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
