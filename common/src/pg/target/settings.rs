//! The parameters libpq knows, with their environment variables, and a set of their values.
//!
//! A value that is there and empty differs from one that is absent: it stops the search for a default, as in libpq.

use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// One parameter: its key, the environment variable that stands in for it, and the default it has in libpq.
pub(super) struct Parameter {
    pub(super) key: &'static str,
    pub(super) variable: Option<&'static str>,
    pub(super) default: Option<&'static str>,
}

const fn parameter(
    key: &'static str,
    variable: Option<&'static str>,
    default: Option<&'static str>,
) -> Parameter {
    Parameter { key, variable, default }
}

/// What libpq 18 accepts: <https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS>.
pub(super) const PARAMETERS: &[Parameter] = &[
    parameter("service", Some("PGSERVICE"), None),
    parameter("user", Some("PGUSER"), None),
    parameter("password", Some("PGPASSWORD"), None),
    parameter("passfile", Some("PGPASSFILE"), None),
    parameter("dbname", Some("PGDATABASE"), None),
    parameter("host", Some("PGHOST"), None),
    parameter("hostaddr", Some("PGHOSTADDR"), None),
    parameter("port", Some("PGPORT"), Some("5432")),
    parameter("connect_timeout", Some("PGCONNECT_TIMEOUT"), None),
    parameter("client_encoding", Some("PGCLIENTENCODING"), None),
    parameter("options", Some("PGOPTIONS"), Some("")),
    parameter("application_name", Some("PGAPPNAME"), None),
    parameter("fallback_application_name", None, None),
    parameter("keepalives", None, None),
    parameter("keepalives_idle", None, None),
    parameter("keepalives_interval", None, None),
    parameter("keepalives_count", None, None),
    parameter("tcp_user_timeout", None, None),
    parameter("sslmode", Some("PGSSLMODE"), Some("prefer")),
    parameter("sslnegotiation", Some("PGSSLNEGOTIATION"), Some("postgres")),
    parameter("sslcompression", Some("PGSSLCOMPRESSION"), Some("0")),
    parameter("sslcert", Some("PGSSLCERT"), None),
    parameter("sslkey", Some("PGSSLKEY"), None),
    parameter("sslcertmode", Some("PGSSLCERTMODE"), Some("allow")),
    parameter("sslpassword", None, None),
    parameter("sslrootcert", Some("PGSSLROOTCERT"), None),
    parameter("sslcrl", Some("PGSSLCRL"), None),
    parameter("sslcrldir", Some("PGSSLCRLDIR"), None),
    parameter("sslsni", Some("PGSSLSNI"), Some("1")),
    parameter("sslkeylogfile", None, None),
    parameter("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION"), Some("TLSv1.2")),
    parameter("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION"), None),
    parameter("channel_binding", Some("PGCHANNELBINDING"), Some("prefer")),
    parameter("require_auth", Some("PGREQUIREAUTH"), None),
    parameter("requirepeer", Some("PGREQUIREPEER"), None),
    parameter("min_protocol_version", Some("PGMINPROTOCOLVERSION"), None),
    parameter("max_protocol_version", Some("PGMAXPROTOCOLVERSION"), None),
    parameter("gssencmode", Some("PGGSSENCMODE"), None),
    parameter("krbsrvname", Some("PGKRBSRVNAME"), None),
    parameter("gsslib", Some("PGGSSLIB"), None),
    parameter("gssdelegation", Some("PGGSSDELEGATION"), Some("0")),
    parameter("replication", None, None),
    parameter("target_session_attrs", Some("PGTARGETSESSIONATTRS"), Some("any")),
    parameter("load_balance_hosts", Some("PGLOADBALANCEHOSTS"), Some("disable")),
    parameter("scram_client_key", None, None),
    parameter("scram_server_key", None, None),
    parameter("oauth_issuer", None, None),
    parameter("oauth_client_id", None, None),
    parameter("oauth_client_secret", None, None),
    parameter("oauth_scope", None, None),
];

/// Values of parameters. Holds the password: it has no `Debug`.
#[derive(Clone, Default)]
pub(super) struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    /// The value, when one was given (it may be empty).
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The value, when one was given that is not empty.
    pub(super) fn filled(&self, key: &str) -> Option<&str> {
        self.get(key).filter(|value| !value.is_empty())
    }

    /// Sets what the user wrote; `requiressl` is the old spelling of `sslmode`.
    pub(super) fn set(&mut self, key: &str, value: String) -> Result<()> {
        let (key, value) = match key {
            "requiressl" => ("sslmode", if value.starts_with('1') { "require" } else { "prefer" }.to_owned()),
            _ => (key, value),
        };
        let known = PARAMETERS.iter().find(|parameter| parameter.key == key);
        let known =
            known.ok_or_else(|| Error::usage(format!("there is no connection parameter \"{key}\"")))?;
        self.0.insert(known.key, value);
        Ok(())
    }

    /// Sets what a program decided, under a key of [`PARAMETERS`].
    pub(super) fn put(&mut self, key: &'static str, value: impl Into<String>) {
        self.0.insert(key, value.into());
    }

    /// Lets the values of `other` replace ours.
    pub(super) fn replace_by(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Takes from `other` what has no value here.
    pub(super) fn fill_from(&mut self, other: Self) {
        for (key, value) in other.0 {
            self.0.entry(key).or_insert(value);
        }
    }

    /// Takes from the environment and then from the defaults what has no value yet.
    pub(super) fn fill_defaults(&mut self, env: &dyn Fn(&str) -> Option<String>) {
        let mode_is_given = self.get("sslmode").is_some() || env("PGSSLMODE").is_some();
        if !mode_is_given && env("PGREQUIRESSL").is_some_and(|value| value.starts_with('1')) {
            self.put("sslmode", "require");
        }
        for parameter in PARAMETERS {
            if let (None, Some(value)) = (self.get(parameter.key), parameter.variable.and_then(env)) {
                self.0.insert(parameter.key, value);
            }
        }
        if self.get("sslmode").is_none() && self.get("sslrootcert") == Some("system") {
            self.put("sslmode", "verify-full");
        }
        for parameter in PARAMETERS {
            if let Some(default) = parameter.default {
                self.0.entry(parameter.key).or_insert_with(|| default.to_owned());
            }
        }
    }
}
