use super::{database, flags, quiet, spares};
use std::fs::OpenOptions;
use std::io::Write;
use testkit::{Cluster, newest_major};

#[test]
fn superusers_are_named() {
    let database = database();
    spares(&database, "security.superusers", &[], "mighty");
    database.run("CREATE ROLE mighty LOGIN SUPERUSER");
    flags(&database, "security.superusers", &[], "info", "\"mighty\"");
    database.run("DROP ROLE mighty");
}

#[test]
fn a_schema_that_everybody_may_write_to_is_told() {
    let database = database();
    database.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    quiet(&database, "security.default_public_schema", &[]);
    database.run("GRANT CREATE ON SCHEMA public TO PUBLIC");
    let said = flags(&database, "security.default_public_schema", &[], "warn", "");
    database.run(said["hint"].as_str().unwrap());
    quiet(&database, "security.default_public_schema", &[]);
}

#[test]
fn a_function_with_its_owners_rights_needs_a_search_path() {
    let database = database();
    database.run("CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    quiet(&database, "security.definer_search_path", &[]);
    database.run("CREATE FUNCTION risky(int, text) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'");
    let said = flags(&database, "security.definer_search_path", &[], "warn", "risky");
    database.run(said["hint"].as_str().unwrap());
    quiet(&database, "security.definer_search_path", &[]);
}

#[test]
fn row_security_that_is_half_done_is_told() {
    let database = database();
    database.run("CREATE TABLE whole (id int); ALTER TABLE whole ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON whole USING (true)");
    quiet(&database, "security.row_security", &[]);
    database.run("CREATE TABLE closed (id int); ALTER TABLE closed ENABLE ROW LEVEL SECURITY; CREATE TABLE open (id int); CREATE POLICY p ON open USING (false)");
    flags(&database, "security.row_security", &[], "warn", "\"closed\"");
    let said = flags(&database, "security.row_security", &[], "warn", "\"open\"");
    assert!(said["hint"].as_str().unwrap().contains("ENABLE ROW LEVEL SECURITY"), "{said}");
}

#[test]
fn a_password_kept_as_md5_or_run_out_is_told() {
    let database = database();
    database.run("SET password_encryption = 'scram-sha-256'; CREATE ROLE scram LOGIN PASSWORD 'x'");
    spares(&database, "security.passwords", &[], "scram");
    database.run("SET password_encryption = 'md5'; CREATE ROLE md5 LOGIN PASSWORD 'x'; CREATE ROLE late LOGIN VALID UNTIL '2001-01-01'");
    flags(&database, "security.passwords", &[], "warn", "\"md5\"");
    flags(&database, "security.passwords", &[], "warn", "\"late\"");
    database.run("DROP ROLE md5, late, scram");
}

#[test]
fn who_lets_the_network_in_without_a_password_is_told_and_so_are_wrong_lines() {
    let cluster = Cluster::start(newest_major(), &[]);
    let database = cluster.database("hba");
    quiet(&database, "security.hba_trust", &[]);
    quiet(&database, "settings.hba_errors", &[]);
    let path = cluster.sandbox().data_directory().join("pg_hba.conf");
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    writeln!(file, "host all all 0.0.0.0/0 trust\nhost all all nowhere/99 scram-sha-256").unwrap();
    let said = flags(&database, "security.hba_trust", &[], "crit", "pg_hba.conf line");
    assert!(said["message"].as_str().unwrap().contains("0.0.0.0"), "{said}");
    flags(&database, "settings.hba_errors", &[], "crit", "pg_hba.conf line");
}

#[test]
fn a_server_that_is_not_on_the_network_needs_no_encryption() {
    quiet(&database(), "security.ssl", &[]);
    // An address of this machine's own that nobody else has taken, and one of nobody's that cannot be listened on.
    let own = format!("127.83.{}.{}", std::process::id() % 251 + 1, std::process::id() / 251 % 251 + 1);
    let mut cluster = Cluster::start(newest_major(), &[]);
    let mut listens_on = |addresses: &str| {
        let listen = format!("ALTER SYSTEM SET listen_addresses = '{addresses}'");
        cluster.existing("postgres").run(&listen);
        cluster = cluster.clone().edited(|_| {});
        cluster.existing("postgres")
    };
    quiet(&listens_on(&own), "security.ssl", &[]);
    let outside = listens_on(&format!("{own}, 192.0.2.1"));
    let said = flags(&outside, "security.ssl", &[], "warn", "");
    assert!(said["message"].as_str().unwrap().contains("192.0.2.1"), "{said}");
}
