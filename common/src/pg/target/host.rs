//! Where a server may be: the lists of hosts, addresses and ports, matched up as libpq matches them.

use super::settings::Settings;
use crate::error::{Error, Result};
use std::net::IpAddr;
use std::path::Path;

/// The port a server has when nobody says otherwise.
const DEFAULT_PORT: u16 = 5432;

/// Where servers put their sockets by default: Debian's and Red Hat's directories, then PostgreSQL's own.
const SOCKET_DIRECTORIES: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// One place to look for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// A host's name, an address, or a socket's directory (`/…`, or `@…` for an abstract socket); empty when
    /// only `hostaddr` was given.
    pub name: String,
    /// The address to connect to instead of looking the name up.
    pub address: Option<String>,
    /// The port; for a socket it is a part of the file's name.
    pub port: u16,
}

impl Host {
    /// Whether it is a Unix socket.
    pub fn is_socket(&self) -> bool {
        self.address.is_none() && self.name.starts_with(['/', '@'])
    }

    /// The socket's path, when it is a Unix socket.
    pub fn socket_path(&self) -> Option<String> {
        self.is_socket().then(|| format!("{}/.s.PGSQL.{}", self.name, self.port))
    }

    /// The names that `~/.pgpass` may have for it: a socket in a default directory is `localhost`.
    pub(super) fn password_keys(&self) -> Vec<&str> {
        let mut names = vec![self.called()];
        if SOCKET_DIRECTORIES.contains(&self.name.as_str()) {
            names.push("localhost");
        }
        names
    }

    /// Its name, or its address when it has none.
    pub fn called(&self) -> &str {
        if self.name.is_empty() { self.address.as_deref().unwrap_or_default() } else { &self.name }
    }

    /// How messages name it: `db.example:5432`, or `socket /run/postgresql/.s.PGSQL.5432`.
    pub fn describe(&self) -> String {
        match self.socket_path() {
            Some(path) => format!("socket {path}"),
            None if self.called().contains(':') => format!("[{}]:{}", self.called(), self.port),
            None => format!("{}:{}", self.called(), self.port),
        }
    }
}

/// The hosts that `host`, `hostaddr` and `port` name together.
pub(super) fn hosts(settings: &Settings) -> Result<Vec<Host>> {
    let list = |key: &str| settings.filled(key).map(|value| value.split(',').collect::<Vec<_>>());
    let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port").unwrap_or_default());
    let count = addresses.as_ref().or(names.as_ref()).map_or(1, Vec::len);
    if let (Some(names), Some(addresses)) = (&names, &addresses)
        && names.len() != addresses.len()
    {
        let (names, addresses) = (names.len(), addresses.len());
        return Err(Error::usage(format!("there are {names} host names for {addresses} host addresses")));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(Error::usage(format!("there are {} port numbers for {count} hosts", ports.len())));
    }
    (0..count)
        .map(|index| {
            let at = |list: &Option<Vec<&str>>| {
                list.as_ref()
                    .and_then(|list| list.get(index))
                    .filter(|text| !text.is_empty())
                    .map(ToString::to_string)
            };
            let address = at(&addresses);
            let name = at(&names);
            let name = if address.is_some() {
                name.unwrap_or_default()
            } else {
                name.unwrap_or_else(|| socket_directory(&ports))
            };
            if let Some(text) = &address {
                check_address(text)?;
            }
            let port = port(ports.get(index).or(ports.first()).copied().unwrap_or_default())?;
            Ok(Host { name, address, port })
        })
        .collect()
}

/// A `hostaddr` is never looked up; an IPv6 one may name its interface behind `%`.
fn check_address(text: &str) -> Result<()> {
    let bare = text.split_once('%').map_or(text, |(bare, _)| bare);
    match bare.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(Error::usage(format!("hostaddr: \"{text}\" is no address")).hint("put a name into host"))
        }
    }
}

fn port(text: &str) -> Result<u16> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(DEFAULT_PORT);
    }
    text.parse()
        .ok()
        .filter(|&port| port != 0)
        .ok_or_else(|| Error::usage(format!("\"{text}\" is no port number (1 to 65535)")))
}

/// libpq has one directory built in, and builds differ; the one that has this server's socket is meant.
fn socket_directory(ports: &[&str]) -> String {
    let port = ports.iter().find_map(|text| port(text).ok()).unwrap_or(DEFAULT_PORT);
    let socket = format!(".s.PGSQL.{port}");
    let has_socket = |directory: &&&str| Path::new(directory).join(&socket).exists();
    let found = SOCKET_DIRECTORIES.iter().find(has_socket);
    let found = found.or_else(|| SOCKET_DIRECTORIES.iter().find(|directory| Path::new(directory).is_dir()));
    found.unwrap_or(&"/tmp").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&'static str, &str)]) -> Result<Vec<String>> {
        let mut settings = Settings::default();
        for (key, value) in values {
            settings.put(key, *value);
        }
        Ok(hosts(&settings)?.iter().map(Host::describe).collect())
    }

    #[test]
    fn one_port_serves_all_hosts_and_several_match_up() {
        assert_eq!(read(&[("host", "a,b"), ("port", "1")]).unwrap(), ["a:1", "b:1"]);
        assert_eq!(read(&[("host", "a,b,::1"), ("port", "1,,3")]).unwrap(), ["a:1", "b:5432", "[::1]:3"]);
        assert_eq!(
            read(&[("host", "/s,@x"), ("port", "7")]).unwrap(),
            ["socket /s/.s.PGSQL.7", "socket @x/.s.PGSQL.7"]
        );
    }

    #[test]
    fn an_address_spares_the_look_up_and_the_name_stays() {
        let mut settings = Settings::default();
        settings.put("host", "db.example,");
        settings.put("hostaddr", "10.0.0.1,fe80::1%eth0");
        let hosts = hosts(&settings).unwrap();
        assert_eq!(hosts[0].called(), "db.example");
        assert_eq!(hosts[0].address.as_deref(), Some("10.0.0.1"));
        assert_eq!((hosts[1].called(), hosts[1].is_socket()), ("fe80::1%eth0", false));
    }

    #[test]
    fn lists_that_do_not_match_are_errors() {
        for values in [
            [("host", "a,b,c"), ("port", "1,2")],
            [("host", "a,b"), ("hostaddr", "10.0.0.1")],
            [("host", "a"), ("port", "0")],
            [("host", "a"), ("port", "65536")],
            [("host", "a"), ("port", "x")],
            [("host", "a"), ("hostaddr", "db.example")],
        ] {
            assert_eq!(read(&values).err().map(|error| error.class().exit_code()), Some(2), "{values:?}");
        }
    }
}
