//! A target as the environment of a child program, so that `pg_dump` and `psql` reach what we reach.
//!
//! A password goes this way and never into an argument list.

use super::Target;
use super::settings::PARAMETERS;

/// Every variable that libpq reads: what a child must not inherit, so that nothing contradicts
/// [`Target::child_environment`].
pub fn child_removed() -> &'static [&'static str] {
    &[
        "PGAPPNAME",
        "PGCHANNELBINDING",
        "PGCLIENTENCODING",
        "PGCONNECT_TIMEOUT",
        "PGDATABASE",
        "PGDATESTYLE",
        "PGGEQO",
        "PGGSSDELEGATION",
        "PGGSSENCMODE",
        "PGGSSLIB",
        "PGHOST",
        "PGHOSTADDR",
        "PGKRBSRVNAME",
        "PGLOADBALANCEHOSTS",
        "PGMAXPROTOCOLVERSION",
        "PGMINPROTOCOLVERSION",
        "PGOPTIONS",
        "PGPASSFILE",
        "PGPASSWORD",
        "PGPORT",
        "PGREQUIREAUTH",
        "PGREQUIREPEER",
        "PGREQUIRESSL",
        "PGSERVICE",
        "PGSERVICEFILE",
        "PGSSLCERT",
        "PGSSLCERTMODE",
        "PGSSLCOMPRESSION",
        "PGSSLCRL",
        "PGSSLCRLDIR",
        "PGSSLKEY",
        "PGSSLMAXPROTOCOLVERSION",
        "PGSSLMINPROTOCOLVERSION",
        "PGSSLMODE",
        "PGSSLNEGOTIATION",
        "PGSSLROOTCERT",
        "PGSSLSNI",
        "PGTARGETSESSIONATTRS",
        "PGTZ",
        "PGUSER",
    ]
}

impl Target {
    /// The variables that lead a child program to this target; remove [`child_removed`] from its environment first.
    ///
    /// What has no variable in libpq (`keepalives…`, `tcp_user_timeout`, `sslpassword`) does not reach the child.
    pub fn child_environment(&self) -> Vec<(String, String)> {
        let mut variables: Vec<(String, String)> = Vec::new();
        let mut set = |name: &str, value: &str| variables.push((name.to_owned(), value.to_owned()));
        let joined = |values: Vec<String>| values.join(",");
        set("PGHOST", &joined(self.hosts.iter().map(|host| host.name.clone()).collect()));
        set("PGPORT", &joined(self.hosts.iter().map(|host| host.port.to_string()).collect()));
        if self.hosts.iter().any(|host| host.address.is_some()) {
            let addresses = self.hosts.iter().map(|host| host.address.clone().unwrap_or_default());
            set("PGHOSTADDR", &joined(addresses.collect()));
        }
        set("PGUSER", &self.user);
        set("PGDATABASE", &self.database);
        set("PGSSLMODE", self.settings.filled("sslmode").unwrap_or("prefer"));
        // We never speak GSSAPI, so a child with a ticket shall not be somebody else.
        set("PGGSSENCMODE", "disable");
        let done = ["host", "hostaddr", "port", "user", "dbname", "sslmode", "gssencmode", "password"];
        let ours = ["service", "client_encoding"];
        for parameter in PARAMETERS {
            let passed = !done.contains(&parameter.key) && !ours.contains(&parameter.key);
            let value = self.settings.filled(parameter.key).filter(|value| Some(*value) != parameter.default);
            if let (true, Some(name), Some(value)) = (passed, parameter.variable, value) {
                set(name, value);
            }
        }
        // For one host, what the password file says: the child may have another home directory than we had.
        let password = match self.hosts.as_slice() {
            [host] => self.password(host),
            _ => self.settings.filled("password"),
        };
        if let Some(password) = password {
            set("PGPASSWORD", password);
        }
        variables
    }
}
