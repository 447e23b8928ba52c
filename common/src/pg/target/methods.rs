//! `require_auth`: which ways of proving who we are a server may ask for.

use crate::error::{Error, Result};

/// A way of authentication, by the name it has in `require_auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pg) enum Method {
    /// The password itself.
    Password,
    /// The password's MD5 hash.
    Md5,
    /// SCRAM-SHA-256, with channel binding or without.
    Scram,
    /// The server asks for nothing (`trust`, `cert`, `peer`).
    None,
}

/// What `require_auth` allows; the default allows everything.
#[derive(Clone, Debug, Default)]
pub(in crate::pg) struct Methods {
    listed: Vec<&'static str>,
    forbidding: bool,
}

const NAMES: [&str; 7] = ["password", "md5", "gss", "sspi", "scram-sha-256", "oauth", "none"];

impl Methods {
    /// Reads a list such as `scram-sha-256,none` or `!password,!md5`.
    pub(super) fn parse(text: Option<&str>) -> Result<Self> {
        let mut methods = Self::default();
        let Some(text) = text else { return Ok(methods) };
        methods.forbidding = text.starts_with('!');
        for part in text.split(',') {
            let name = part.strip_prefix('!');
            if name.is_some() != methods.forbidding {
                let message = "require_auth lists either what is allowed or, with \"!\", what is not";
                return Err(Error::usage(message));
            }
            let name = name.unwrap_or(part);
            let known = NAMES.into_iter().find(|known| *known == name);
            let known = known.ok_or_else(|| {
                Error::usage(format!("there is no require_auth method \"{name}\""))
                    .hint(format!("the methods are {}", NAMES.join(", ")))
            })?;
            if methods.listed.contains(&known) {
                return Err(Error::usage(format!("require_auth names \"{name}\" twice")));
            }
            methods.listed.push(known);
        }
        Ok(methods)
    }

    /// Whether the server may ask for `method`.
    pub(in crate::pg) fn allow(&self, method: Method) -> bool {
        let name = match method {
            Method::Password => "password",
            Method::Md5 => "md5",
            Method::Scram => "scram-sha-256",
            Method::None => "none",
        };
        self.listed.is_empty() || self.listed.contains(&name) != self.forbidding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> Vec<Method> {
        let methods = Methods::parse(Some(text)).unwrap();
        let all = [Method::Password, Method::Md5, Method::Scram, Method::None];
        all.into_iter().filter(|&method| methods.allow(method)).collect()
    }

    #[test]
    fn a_list_allows_and_a_negated_list_forbids() {
        assert_eq!(allowed("scram-sha-256"), [Method::Scram]);
        assert_eq!(allowed("scram-sha-256,none"), [Method::Scram, Method::None]);
        assert_eq!(allowed("!password,!md5"), [Method::Scram, Method::None]);
        assert_eq!(allowed("!none"), [Method::Password, Method::Md5, Method::Scram]);
        assert!(Methods::parse(None).unwrap().allow(Method::Password));
    }

    #[test]
    fn what_libpq_refuses_is_refused() {
        for text in ["scram", "md5,!password", "!password,md5", "md5,md5", "!md5,!md5", "md5,"] {
            assert!(Methods::parse(Some(text)).is_err(), "{text}");
        }
    }
}
